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
const NOT_USED =
  "fetchml: what the setup made for an earlier job is not used, and so it runs anew: ";
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

  /** What the first job has left, as if it was used long ago. */
  async function firstKept() {
    const [kept] = await listKeptSetups(subject.dataDir);
    if (kept === undefined) throw new Error("the first one was kept");
    utimesSync(kept.path, 1000, 1000);
    return { kept, names: subject.kept() };
  }

  test.each([
    ["has one of its folders", `${FIRST} build/README=1`, "this project has build itself."],
    ["lacks the folder above", "train.py=1 src/n=1", "src/gen is no folder of this project."],
    ["lacks all folders above", "train.py=1", "src/gen is no folder of this project."],
    [
      "has a link among those above",
      "train.py=1 source/gen/n=1 src=@source",
      "src/gen is no folder of this project.",
    ],
  ])("a later project that %s has the setup run once for itself", async (_what, later, why) => {
    await run(specOf(SETUP, "true", { snapshot: FIRST }));
    const { kept, names } = await firstKept();
    const log = await run(specOf(SETUP, LOOK, { snapshot: later }));
    expect(log).toStartWith(`${NOT_USED}${why}\nfetchml: setup: `);
    expect(log).toMatch(/\nrunning\n.*\nlib\ng\n$/);
    expect(log).not.toContain("kept");
    const again = await run(specOf(SETUP, LOOK, { snapshot: later }));
    expect(again).toMatch(/^fetchml: setup kept from an earlier job: .*\nlib\ng\n$/);
    expect(subject.kept()).toHaveLength(names.length + 1);
    expect(statSync(kept.path).mtimeMs).toBe(1_000_000);
    const fitting = await run(specOf(SETUP, LOOK, { snapshot: `${FIRST} src/gen/more=1` }));
    expect(fitting).toMatch(/^fetchml: setup kept from an earlier job: .*\nlib\ng\n$/);
    expect(statSync(kept.path).mtimeMs).not.toBe(1_000_000);
  });

  test.each([
    ["a file", `${FIRST} src/gen/g=1`, "this project has src/gen/g itself."],
    ["a link", `${FIRST} lib=@nowhere`, "this project has lib itself."],
  ])(
    "a later project that has %s which the setup writes anew runs it itself",
    async (_what, later, why) => {
      await run(specOf(SETUP, "true", { snapshot: FIRST }));
      const { kept, names } = await firstKept();
      for (const _ of [1, 2]) {
        const log = await run(specOf(SETUP, LOOK, { snapshot: later }));
        expect(log).toStartWith(`${NOT_USED}${why}\nfetchml: setup: `);
        expect(log).toMatch(/\nrunning\n.*it changed files of the project.*\nlib\ng\n$/s);
      }
      // Nothing is kept or touched, and what is kept is not marked.
      expect(subject.kept()).toEqual(names);
      expect(statSync(`${kept.path}.lock`).size).toBe(0);
      expect(statSync(kept.path).mtimeMs).toBe(1_000_000);
    },
  );

  test("of many layouts each has what its own first attempt saw, in any order", async () => {
    const layouts = [
      FIRST,
      "train.py=1",
      "train.py=1 build/a=1",
      "train.py=1 build/a=1 src/gen/o=1",
    ];
    const look = `${LOOK}; find . | sort`;
    const seen: string[] = [];
    for (const snapshot of layouts) {
      const log = await run(specOf(SETUP, look, { snapshot }));
      expect(log).toContain("\nrunning\n");
      seen.push(log.slice(log.indexOf("\nlib\ng\n")));
    }
    for (const [index, snapshot] of [...layouts.entries()].toReversed()) {
      const log = await run(specOf(SETUP, look, { snapshot }));
      expect(log).not.toContain("\nrunning\n");
      expect(log.slice(log.indexOf("\nlib\ng\n"))).toBe(seen[index] ?? "");
    }
    expect(subject.kept()).toHaveLength(layouts.length);
  });

  test("of several at once that one does not fit, one runs the setup and the others wait for it", async () => {
    const setup = "echo once >> ~/count; sleep 0.5; mkdir -p src; echo made > src/tool";
    await run(specOf(setup, "true", { snapshot: "train.py=1" }));
    const later = { snapshot: "train.py=1 src/a=1" };
    const specs = [1, 2, 3].map(() => specOf(setup, "cat src/tool; wc -l < ~/count", later));
    for (const log of await Promise.all(specs.map(run))) expect(log).toEndWith("made\n2\n");
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
