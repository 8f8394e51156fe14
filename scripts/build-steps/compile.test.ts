// Shows that compile() makes a working, unspoilt executable, only when it must, and never half a one.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { targets } from "./build-plan.ts";
import { compile } from "./compile.ts";

const host = `${process.platform}-${process.arch}`;
const target = targets.find((candidate) => candidate.host === host);

let root = "";
const executable = {
  name: "echo",
  entry: "packages/cli/src/main.ts",
  workers: ["packages/cli/src/room/worker.ts"],
  flags: [],
};
const source = (word: string) => `
  const worker = new Worker(new URL("./room/worker.ts", import.meta.url));
  worker.onmessage = ({ data }) => {
    process.stdout.write(["${word}", data, import.meta.url, process.env["EVIL"] ?? "good"].join(" "));
    worker.terminate();
  };
`;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "fetchml-compile-"));
  mkdirSync(join(root, "packages/cli/src/room"), { recursive: true });
  writeFileSync(join(root, "package-lock.json"), "{}");
  writeFileSync(join(root, executable.workers[0] ?? ""), 'postMessage("from-worker");');
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

function make(): Promise<boolean> {
  if (target === undefined) throw new Error(`${host} is no target`);
  return compile({ root, executable, target, outfile: join(root, "dist/echo") });
}

function writeMain(text: string): void {
  writeFileSync(join(root, executable.entry), text);
}

test("compile() makes a program that needs no sources and obeys no hostile folder", async () => {
  writeMain(source("first"));
  expect(await make()).toBe(true);
  const hostile = join(root, "hostile");
  mkdirSync(hostile);
  writeFileSync(join(hostile, ".env"), "EVIL=evil-env\n");
  writeFileSync(join(hostile, "bunfig.toml"), 'preload = ["./evil.ts"]\n');
  writeFileSync(join(hostile, "evil.ts"), 'process.stdout.write("evil-preload");');
  const ran = Bun.spawnSync([join(root, "dist/echo")], { cwd: hostile });
  expect(ran.stdout.toString()).toBe("first from-worker file:///$bunfs/root/echo good");
});

test("compile() does nothing when nothing changed, not even for a changed test", async () => {
  writeMain(source("second"));
  await make();
  const { ino } = statSync(join(root, "dist/echo"));
  writeFileSync(join(root, "packages/cli/src/a.test.ts"), "// A test.");
  expect(await make()).toBe(false);
  expect(statSync(join(root, "dist/echo")).ino).toBe(ino);
});

test("compile() builds again when a source changed or the executable was replaced", async () => {
  writeMain(source("third"));
  expect(await make()).toBe(true);
  rmSync(join(root, "dist/echo"));
  writeFileSync(join(root, "dist/echo"), "not the one");
  expect(await make()).toBe(true);
});

test("compile() twice at once leaves one whole program and no scraps", async () => {
  writeMain(source("fourth"));
  await Promise.all([make(), make()]);
  const ran = Bun.spawnSync([join(root, "dist/echo")]);
  expect(ran.stdout.toString()).toStartWith("fourth from-worker");
  expect(readdirSync(join(root, "dist")).toSorted()).toEqual([".echo.inputs", "echo"]);
});

test("compile() tells Bun's reason and keeps the old program when the source is broken", async () => {
  writeMain(source("fifth"));
  await make();
  writeMain("const = 1;");
  expect(String(await make().catch((error: unknown) => error))).toMatch(
    /Cannot build echo for .*\n(?:.*\n)*.*const = 1/,
  );
  expect(Bun.spawnSync([join(root, "dist/echo")]).stdout.toString()).toStartWith("fifth");
  expect(readdirSync(join(root, "dist")).toSorted()).toEqual([".echo.inputs", "echo"]);
});
