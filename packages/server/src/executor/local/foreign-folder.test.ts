// An attempt never adopts what was copied to its place from another data folder.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ended, observeOne, shellSpec } from "../attempt.fixture.ts";
import { localSubject, type LocalSubject } from "./local-executor.fixture.ts";

let theirs: LocalSubject;
let ours: LocalSubject;
const SCRIPT = 'echo "$0"; ls "$ML_CHECKPOINT_DIR"; echo "$0" >"$ML_CHECKPOINT_DIR/of-$0"';
const specOf = (name: string, attempt = 1) =>
  shellSpec(SCRIPT, { attempt, command: { argv: ["sh", "-c", SCRIPT, name] } });

beforeEach(async () => {
  [theirs, ours] = [await localSubject(), await localSubject()];
});
afterEach(async () => {
  await theirs.close();
  await ours.close();
});

/** Copies what another data folder has of its attempts. */
function copy(...places: readonly string[]): void {
  for (const place of places)
    cpSync(join(theirs.dataDir, place), join(ours.dataDir, place), { recursive: true });
}

async function run(subject: LocalSubject, spec: ReturnType<typeof specOf>): Promise<string> {
  await subject.executor.start(spec);
  const { outcome } = await ended(subject.executor, spec);
  expect(outcome).toEqual({ kind: "exited", exit_code: 0 });
  return subject.log(spec);
}

const namesIn = (place: string) => readdirSync(join(ours.dataDir, place)).toSorted();

test("start() runs the job and leaves what another data folder's had under its name, log and files", async () => {
  expect(await run(theirs, specOf("alice"))).toBe("alice\n");
  copy("attempts", "checkpoints");
  expect(await run(ours, specOf("bob"))).toBe("bob\n");
  expect(namesIn("attempts")).toEqual(["12.1", expect.stringMatching(/^stray-12\.1-/)]);
  expect(namesIn("checkpoints")).toEqual(["12", expect.stringMatching(/^stray-12-/)]);
  const [, stray = ""] = namesIn("attempts");
  const log = join(ours.dataDir, "attempts", stray, "control/log");
  expect(readFileSync(log, "utf8")).toBe("alice\n");
});

test("start() of a first attempt leaves checkpoints that were there before it; a later one has its job's own", async () => {
  await run(theirs, specOf("alice"));
  copy("checkpoints");
  expect(await run(ours, specOf("bob"))).toBe("bob\n");
  expect(await run(ours, specOf("bob", 2))).toBe("bob\nof-bob\n");
  expect(namesIn("checkpoints")).toEqual(["12", expect.stringMatching(/^stray-12-/)]);
});

test("start() goes on with its own folders where a server died: before the claim, and after it", async () => {
  const spec = specOf("bob");
  // Its folders were made, and nothing was started.
  mkdirSync(join(dirname(ours.control(spec)), "job/work"), { recursive: true });
  for (const name of ["outputs", "tmp"]) mkdirSync(join(ours.control(spec), "../job", name));
  writeFileSync(join(ours.control(spec), "../job/work/own"), "");
  mkdirSync(join(ours.dataDir, "checkpoints/12"), { recursive: true });
  writeFileSync(join(ours.dataDir, "checkpoints/12/own"), "");
  await ours.executor.start(spec).catch(() => undefined);
  await ended(ours.executor, spec);
  expect(await ours.log(spec)).toBe("bob\nown\n");
  expect(readdirSync(join(ours.control(spec), "../job/work"))).toEqual(["own"]);
  // It has run, and another server asks for it once more.
  await ours.another().start(spec);
  expect(await observeOne(ours.executor, spec)).toMatchObject({ kind: "ended" });
  expect([await ours.log(spec), namesIn("attempts")]).toEqual(["bob\nown\n", ["12.1"]]);
  rmSync(ours.control(spec), { recursive: true });
});

test.skipIf(process.getuid?.() !== 0)(
  "start() tells of what cannot be set aside as failed-to-start, and throws nothing",
  async () => {
    // What is mounted cannot be renamed.
    const place = join(ours.dataDir, "checkpoints/12");
    mkdirSync(place, { recursive: true });
    expect(Bun.spawnSync(["mount", "-t", "tmpfs", "none", place]).exitCode).toBe(0);
    try {
      expect(await ours.executor.start(specOf("bob"))).toBeNull();
      const { outcome } = await ended(ours.executor, specOf("bob"));
      expect(outcome).toMatchObject({ kind: "failed-to-start" });
    } finally {
      Bun.spawnSync(["umount", place]);
    }
  },
);
