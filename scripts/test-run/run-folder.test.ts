// Shows that a test run sees what was left behind, even by a process that threw its environment away, and ends it.

import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findProcesses } from "./process-table.ts";
import { openTestRun } from "./run-folder.ts";
import type { TestRun } from "./run-folder.ts";

let run: TestRun;
beforeEach(() => {
  run = openTestRun({ PATH: process.env["PATH"], ML_API_KEY: "mine", FETCHML_REQUIRE_SYSTEM: "1" });
});
afterEach(() => {
  run.close();
});

function temporary(): string {
  return run.environment["TMPDIR"] ?? "";
}

test("a run that leaves nothing has no leaks, and its folder goes", async () => {
  Bun.spawnSync(["sh", "-c", "echo > $TMPDIR/a && rm $TMPDIR/a"], { env: run.environment });
  expect(await run.findLeaks(0)).toEqual([]);
  run.close();
  expect(existsSync(dirname(temporary()))).toBe(false);
});

test("a run's environment has no settings of the developer's own FetchML", () => {
  expect(Object.keys(run.environment).toSorted()).toEqual([
    "FETCHML_REQUIRE_SYSTEM",
    "FETCHML_TEST_RUN",
    "PATH",
    "TMPDIR",
  ]);
});

test("findLeaks() names a file left in TMPDIR", async () => {
  writeFileSync(join(temporary(), "scrap"), "");
  expect(await run.findLeaks(0)).toEqual(["file or folder in TMPDIR: scrap"]);
});

test("findLeaks() names a detached process, and close() ends it", async () => {
  const left = Bun.spawn(["sleep", "61"], { env: run.environment, detached: true });
  expect(await run.findLeaks(0)).toEqual([`process ${left.pid}: sleep 61`]);
  run.close();
  await left.exited;
  expect(left.signalCode).toBe("SIGKILL");
});

test("findLeaks() names a process without environment by its folder or its open file", async () => {
  const inside = Bun.spawn(["sleep", "62"], { env: {}, cwd: temporary(), detached: true });
  const writer = Bun.spawn(["sh", "-c", 'exec sleep 63 3> "$0"/log', temporary()], { env: {} });
  const commands = () => findProcesses("no=mark", temporary()).map(({ command }) => command);
  await until(() => commands().filter((command) => command.startsWith("sleep")).length === 2);
  const leaks = await run.findLeaks(0);
  expect(leaks.toSorted()).toEqual(
    [
      `process ${inside.pid}: sleep 62`,
      `process ${writer.pid}: sleep 63`,
      "file or folder in TMPDIR: log",
    ].toSorted(),
  );
  run.close();
  await Promise.all([inside.exited, writer.exited]);
});

test("findLeaks() names a port that a process of the run listens on", async () => {
  const script = `const { port } = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
    process.stdout.write(String(port));`;
  const server = Bun.spawn([process.execPath, "-e", script], { env: run.environment });
  const { value } = await server.stdout.getReader().read();
  const port = new TextDecoder().decode(value);
  expect(await run.findLeaks(0)).toContainEqual(`listening socket: tcp port ${port} of 0100007F`);
  run.close();
  await server.exited;
});

test("findLeaks() waits for a process that is just ending", async () => {
  const ending = Bun.spawn(["cat"], { env: run.environment, stdin: "pipe" });
  const leaks = run.findLeaks(10_000);
  await ending.stdin.end();
  expect(await leaks).toEqual([]);
});

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error("It did not come to pass within 5 s");
    await Bun.sleep(5);
  }
}
