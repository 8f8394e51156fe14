// Tests that the next bench removes what one that was killed has left, and nothing that is or may be in use.
import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

let folder: string;
let temporary: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-left-bench-"));
  temporary = join(folder, "tmp");
  mkdirSync(temporary);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a piece of a bench as a process of its own, whose temporary folder is the test's; answers what it printed. */
async function inBench(code: string): Promise<string> {
  const script = `import { makeBenchFolder, removeLeftBenches } from ${JSON.stringify(join(import.meta.dir, "bench-folder.ts"))};\n${code}`;
  const bench = Bun.spawn([process.execPath, "-e", script], {
    env: { ...process.env, TMPDIR: temporary },
    stdin: "ignore",
    stdout: "pipe",
  });
  const [text, code_] = await Promise.all([bench.stdout.text(), bench.exited]);
  expect(code_).toBe(0);
  return text;
}

const makeFolder = () => inBench("process.stdout.write(makeBenchFolder());");
const removeLeft = () => inBench("removeLeftBenches();");

/** An attempt of a server whose data folder is in a bench's; a plain folder stands in for its cgroup. */
function addAttempt(bench: string): string {
  const dataDir = join(bench, "row/data");
  const control = join(dataDir, "attempts/1.1/control");
  mkdirSync(control, { recursive: true });
  const { dev, ino } = statSync(dataDir, { bigint: true });
  const cgroup = join(folder, "unit/attempts", `${dev}.${ino}-1.1`);
  mkdirSync(join(cgroup, "made by the job"), { recursive: true });
  writeFileSync(join(control, "cgroup"), `max 512 1 ${cgroup}\n`);
  return cgroup;
}

test("a bench that was killed leaves its folder and cgroups to the next one, which removes both", async () => {
  const bench = await makeFolder();
  expect(dirname(bench)).toBe(temporary);
  const cgroup = addAttempt(bench);
  await removeLeft();
  expect([existsSync(bench), existsSync(cgroup)]).toEqual([false, false]);
  expect(existsSync(dirname(cgroup))).toBeTrue();
});

test("a bench that is at work keeps what it has", async () => {
  const outcome = await inBench(`
    const { existsSync } = await import("node:fs");
    const folder = makeBenchFolder();
    const next = Bun.spawnSync([process.execPath, "-e", \`import { removeLeftBenches } from ${JSON.stringify(join(import.meta.dir, "bench-folder.ts"))}; removeLeftBenches();\`]);
    process.stdout.write(JSON.stringify([next.exitCode, existsSync(folder)]));
  `);
  expect(JSON.parse(outcome)).toEqual([0, true]);
});

test("what a living process has to do with stays", async () => {
  const bench = await makeFolder();
  const cgroup = addAttempt(bench);
  const left = Bun.spawn(["sleep", "1000"], { cwd: bench, stdin: "ignore" });
  try {
    await removeLeft();
    expect([existsSync(bench), existsSync(cgroup)]).toEqual([true, true]);
  } finally {
    left.kill();
    await left.exited;
  }
  await removeLeft();
  expect([existsSync(bench), existsSync(cgroup)]).toEqual([false, false]);
});

test("a cgroup that a copied data folder names stays, and so does a folder that does not say whose it is", async () => {
  const bench = await makeFolder();
  const cgroup = addAttempt(bench);
  // The copy has another number than the folder that it is of.
  const control = join(bench, "row/data/attempts/1.1/control");
  mkdirSync(join(bench, "copy/data/attempts/1.1"), { recursive: true });
  renameSync(control, join(bench, "copy/data/attempts/1.1/control"));
  const nobodys = join(temporary, "fetchml-bench-abcdef");
  mkdirSync(nobodys);
  await removeLeft();
  expect([existsSync(bench), existsSync(cgroup), existsSync(nobodys)]).toEqual([false, true, true]);
});
