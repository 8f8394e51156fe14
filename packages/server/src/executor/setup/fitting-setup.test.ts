// What a setup made is given to a later project in full or not at all.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { arch } from "node:os";
import { join } from "node:path";
import { ended } from "../attempt.fixture.ts";
import { listKeptSetups } from "./kept-setups.ts";
import { namedCheckout } from "./named-checkout.fixture.ts";
import { sandbox, shells, shellSubject, type ShellSubject } from "./shell-subject.fixture.ts";

const SETUP =
  "echo running; mkdir -p build src/gen; echo lib > build/lib; echo g > src/gen/g; ln -sfn build lib";
const LOOK = "cat lib/lib src/gen/g";
const FIRST = "train.py=1 src/gen/own=1";

describe.skipIf(sandbox === undefined).each(shells)("with programs under %s", (shell) => {
  let subject: ShellSubject;
  let run: ShellSubject["run"];
  let specOf: ShellSubject["specOf"];
  beforeEach(async () => {
    subject = await shellSubject(shell, namedCheckout);
    ({ run, specOf } = subject);
  });
  afterEach(() => subject.close());

  test.each([
    ["has one of its folders", `${FIRST} build/README=1`, "this project has build itself."],
    ["has a file there", `${FIRST} src/gen/g=1`, "this project has src/gen/g itself."],
    ["has a link there", `${FIRST} lib=@nowhere`, "this project has lib itself."],
    ["lacks the folder above", "train.py=1 src/n=1", "src/gen is no folder of this project."],
    ["lacks all folders above", "train.py=1", "src/gen is no folder of this project."],
    [
      "has a link among those above",
      "train.py=1 source/gen/n=1 src=@source",
      "src/gen is no folder of this project.",
    ],
  ])("a later project that %s runs the setup itself and says so", async (_what, later, why) => {
    await run(specOf(SETUP, "true", { snapshot: FIRST }));
    const names = subject.kept();
    const [kept] = await listKeptSetups(subject.dataDir);
    if (kept === undefined) throw new Error("the first one was kept");
    utimesSync(kept.path, 1000, 1000);
    for (const _ of [1, 2]) {
      const log = await run(specOf(SETUP, LOOK, { snapshot: later }));
      expect(log).toStartWith(
        `fetchml: what the setup made for an earlier job is not used, and so it runs for this attempt: ${why}\nfetchml: setup: `,
      );
      expect(log).toMatch(/\nrunning\n.*\nlib\ng\n$/);
      expect(log).not.toContain("kept");
    }
    // Nothing is kept, marked or touched.
    expect(subject.kept()).toEqual(names);
    expect(statSync(`${kept.path}.lock`).size).toBe(0);
    expect(statSync(kept.path).mtimeMs).toBe(1_000_000);
    const fitting = await run(specOf(SETUP, LOOK, { snapshot: `${FIRST} src/gen/more=1` }));
    expect(fitting).toMatch(/^fetchml: setup kept from an earlier job: .*\nlib\ng\n$/);
  });

  test("a project whose setup made a folder that a later one has gives that one nothing in it", async () => {
    const setup = "echo running; mkdir -p src/gen; echo g > src/gen/g";
    await run(specOf(setup, "true", { snapshot: "train.py=1" }));
    const log = await run(specOf(setup, "ls src/gen", { snapshot: "train.py=1 src/gen/n=1" }));
    expect(log).toContain("this project has src itself.\n");
    expect(log).toMatch(/\nrunning\n.*\ng\nn\n$/);
  });

  test("a setup that does not fit and then fails ends the attempt as setup", async () => {
    const setup = "echo made > sub/thing";
    await run(specOf(setup, "true", { snapshot: "train.py=1 sub/a=1" }));
    const spec = specOf(setup, "echo ran", { snapshot: "train.py=1 sub=file" });
    await subject.executor.start(spec);
    expect((await ended(subject.executor, spec)).outcome).toMatchObject({ kind: "setup" });
    expect(await subject.log(spec)).toContain("sub is no folder of this project.\n");
    expect(await subject.log(spec)).not.toContain("ran\n");
  });
});

test.skipIf(sandbox === undefined)(
  "a setup that was kept by the first rules is not used, and goes by its age",
  async () => {
    const subject = await shellSubject("dash", namedCheckout);
    const spec = subject.specOf("echo running; mkdir .venv", "ls -A", { snapshot: "train.py=1" });
    const hash = (text: string) => createHash("sha256").update(text).digest("hex");
    const inputs = ["bubblewrap 1", arch(), spec.setup?.command, [["train.py", hash("1")]]];
    const name = hash(JSON.stringify(inputs)).slice(0, 32);
    const old = join(subject.dataDir, "setups/alice", name);
    mkdirSync(join(old, "tree/.venv"), { recursive: true });
    writeFileSync(join(old, "tree/.venv/wrong"), "");
    writeFileSync(join(old, "paths"), ".venv\n");
    expect(await subject.run(spec)).toMatch(/\nrunning\nfetchml: setup done/);
    expect(subject.kept()).toHaveLength(2);
    const listed = await listKeptSetups(subject.dataDir);
    expect(listed.map(({ path }) => path)).toContain(old);
    expect(existsSync(old)).toBe(true);
    await subject.close();
  },
);
