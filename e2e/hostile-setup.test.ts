// What a setup leaves is kept by the server's own account: names that read as other paths must lead nowhere.
import { afterAll, beforeAll, expect } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Box, openBox, type Person, writeProject } from "./box.ts";
import { needsSystem } from "./system-tool.ts";

let box: Box;
let alice: Person;
let host: string;

beforeAll(async () => {
  box = await openBox({ sandbox: "auto" });
  alice = await box.addPerson("alice");
  host = join(box.folder, "host");
  mkdirSync(host);
  writeFileSync(join(host, "victim"), "precious");
});
afterAll(() => box.close());

/** Runs a job with that setup in a project of these folders; answers what it printed. */
async function runWith(name: string, setup: string, folders: readonly string[]) {
  const project = writeProject(join(alice.home, name), {
    "ml.toml": `[project]\nsetup = '''${setup}'''\n\n[jobs.train]\ncommand = 'echo trained; echo weights > "$ML_OUTPUT_DIR/model"'\n`,
    ...Object.fromEntries(folders.map((folder) => [`${folder}/.keep`, ""])),
  });
  const run = await alice.ml(["run", "train"], { cwd: project });
  const id = JSON.parse((await alice.ml(["show", "@", "--json"], { cwd: project })).stdout).id;
  return { ...run, outputs: join(box.dataDir, "attempts", `${id}.1`, "job/outputs") };
}

/** A name that holds a path with another byte in the place of each slash. */
const disguised = (path: string, byte: string) => `"$(printf '${path.replaceAll("/", byte)}')"`;

needsSystem("bwrap")(
  "a name that a careless list would take for a path beyond a link moves nothing of the box",
  async () => {
    const name = disguised(`sub${host}/victim`, "\\001");
    const setup = `rm -rf sub; ln -s / sub; touch made ${name}`;
    const run = await runWith("steal", setup, ["sub"]);
    expect([run.code, run.stdout]).toEqual([0, expect.stringContaining("trained")]);
    expect(readFileSync(join(host, "victim"), "utf8")).toBe("precious");
  },
  60_000,
);

needsSystem("bwrap")(
  "nor does one write anything outside",
  async () => {
    const name = disguised("a/zz/../sub/evil", "\\001");
    const setup = `rm -rf a/zz; ln -s ../d/zz a/zz; ln -s ${host} a/sub; touch ${name}`;
    const run = await runWith("plant", setup, ["a/zz", "d/zz", "d/sub/evil"]);
    expect(run.code).toBe(0);
    expect(readdirSync(host)).toEqual(["victim"]);
  },
  60_000,
);

for (const [how, setup] of [
  ["an odd byte", `touch ${disguised("../outputs", "\\001")}`],
  ["a line break", `d="$(printf 'x\\n..')"; mkdir "$d"; touch "$d/outputs"`],
] as const) {
  needsSystem("bwrap")(
    `nor does one with ${how} take the attempt's own outputs away`,
    async () => {
      const run = await runWith(`outputs-${how.replaceAll(" ", "-")}`, setup, ["src"]);
      expect([run.code, run.stdout]).toEqual([0, expect.stringContaining("trained")]);
      expect(existsSync(join(run.outputs, "model"))).toBe(true);
    },
    60_000,
  );
}
