// What comes with a pull where a job knows its folders by other paths than the box, or the admin has moved them to another disk.
import { afterEach, expect, test } from "bun:test";
import { readFileSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { openBox, type Box, type Person } from "./box.ts";

let box: Box;
let alice: Person;
let big: string | null = null;

afterEach(async () => {
  await box.close();
  if (big !== null) rmSync(big, { recursive: true, force: true });
  big = null;
});

const here = (...parts: readonly string[]) => join(alice.home, "work", ...parts);

/** Runs a line of shell as the first job. */
async function run(script: string): Promise<void> {
  alice = await box.addPerson("alice");
  const ran = await alice.ml(["run", "train", "--", "sh", "-c", script]);
  expect(ran.code, ran.stderr).toBe(0);
}

test.skipIf(Bun.which("bwrap") === null)(
  "links that a job in bubblewrap makes by $ML_OUTPUT_DIR and $ML_CHECKPOINT_DIR come along",
  async () => {
    box = await openBox({ sandbox: "bubblewrap" });
    await run(`
      for dir in "$ML_OUTPUT_DIR" "$ML_CHECKPOINT_DIR"; do
        echo weights > "$dir/epoch3.pt"
        ln -s "$dir/epoch3.pt" "$dir/best.pt"
        ln -s "$dir/../work" "$dir/out"
      done`);
    for (const [options, folder] of [
      [[], "outputs"],
      [["--checkpoints"], "checkpoints"],
    ] as const) {
      const pull = await alice.ml(["pull", "train", "best.pt", ...options, "-o", folder]);
      expect(pull.code, pull.stderr).toBe(0);
      expect(readlinkSync(here(folder, "best.pt"))).toBe("epoch3.pt");
      expect(readFileSync(here(folder, "best.pt"), "utf8")).toBe("weights\n");
      const out = await alice.ml(["pull", "train", "out", ...options, "-o", `${folder}-out`]);
      expect(`${out.stdout}${out.stderr}`).toContain("out of the outputs");
    }
  },
);

test("what a job has left is shown and pulled where attempts lie on another disk", async () => {
  box = await openBox();
  await run('echo weights > "$ML_OUTPUT_DIR/model.pt"; echo said');
  big = `${box.dataDir}-big`;
  Bun.spawnSync(["mv", join(box.dataDir, "attempts"), big]);
  symlinkSync(big, join(box.dataDir, "attempts"));
  expect((await alice.ml(["show", "train"])).stdout).toContain("model.pt");
  const pull = await alice.ml(["pull", "train", "--include-log", "-o", "all"]);
  expect(pull.code, pull.stderr).toBe(0);
  expect(readFileSync(here("all/model.pt"), "utf8")).toBe("weights\n");
  expect(readFileSync(here("all/1.1.log"), "utf8")).toContain("said\n");
});
