// A real environment, made by `setup` in ml.toml: made once, valid in every later job, and remade when its key changes.
import { afterAll, beforeAll, expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Box, openBox, type Person, writeProject } from "./box.ts";
import { needsSystem } from "./system-tool.ts";

let box: Box;
let alice: Person;
let project: string;

beforeAll(async () => {
  box = await openBox({ sandbox: "auto" });
  alice = await box.addPerson("alice");
  project = writeProject(join(alice.home, "project"), {
    "ml.toml": `[project]
setup = "python3 -m venv --without-pip .venv && cp lib.py .venv/lib/python3*/site-packages/"
setup_key = ["lib.py"]

[jobs.train]
command = [".venv/bin/python", "train.py"]
`,
    "lib.py": "version = 1\n",
    "train.py": "import lib, sys; print('lib', lib.version, sys.prefix)\n",
  });
});
afterAll(() => box.close());

needsSystem("bwrap", "python3")(
  "an environment is made once and used by later jobs until its key changes",
  async () => {
    const first = await alice.ml(["run", "train"], { cwd: project });
    expect([first.code, first.stdout]).toEqual([
      0,
      expect.stringMatching(/fetchml: setup done in .*\nlib 1 \/job\/work\/\.venv\n$/),
    ]);
    writeFileSync(join(project, "train.py"), "import lib; print('changed', lib.version)\n");
    const second = await alice.ml(["run", "train"], { cwd: project });
    expect([second.code, second.stdout]).toEqual([
      0,
      expect.stringMatching(/^fetchml: setup kept from an earlier job: .*\nchanged 1\n$/),
    ]);
    writeFileSync(join(project, "lib.py"), "version = 2\n");
    const third = await alice.ml(["run", "train"], { cwd: project });
    expect(third.stdout).toMatch(/fetchml: setup done in .*\nchanged 2\n$/);
  },
  60_000,
);

needsSystem("bwrap")(
  "what runs before a job is told before it is sent, and with the job",
  async () => {
    const plan = await alice.ml(["queue", "train", "--dry-run"], { cwd: project });
    expect(plan.stdout).toMatch(/^Setup +python3 -m venv/m);
    const shown: unknown = JSON.parse((await alice.ml(["show", "@", "--json"])).stdout);
    expect(shown).toMatchObject({ private: { setup: { key: ["lib.py"] }, mounts: [] } });
  },
  60_000,
);
