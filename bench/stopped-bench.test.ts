// Tests that a bench that is stopped leaves nothing behind.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildForHost } from "../scripts/build.ts";
import { endProcessesOf, processesOf } from "./leftovers.ts";

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-stopped-"));
  // Jobs of accounts of their own pass through.
  chmodSync(folder, 0o711);
  await buildForHost();
}, 300_000);
afterAll(() => {
  endProcessesOf(folder);
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)(
  "a bench that gets %s leaves no process and no folder",
  async (signal, exitCode) => {
    const temporary = join(folder, signal);
    mkdirSync(temporary, { mode: 0o711 });
    const main = join(import.meta.dir, "main.ts");
    const options = ["--quick", "--results", join(folder, "results"), "cancel-latency"];
    const bench = Bun.spawn([process.execPath, main, ...options], {
      env: { ...process.env, TMPDIR: temporary },
      stdout: "ignore",
      stderr: "ignore",
    });
    const deadline = Date.now() + 60_000;
    // A job of the server that is measured.
    while (!processesOf(temporary).some(isSleepingJob)) {
      if (Date.now() > deadline || bench.exitCode !== null) throw new Error("no job has started");
      await Bun.sleep(5);
    }
    bench.kill(signal);
    expect(await bench.exited).toBe(exitCode);
    expect(processesOf(temporary)).toEqual([]);
    expect(readdirSync(temporary).filter((name) => name.startsWith("fetchml-"))).toEqual([]);
  },
  100_000,
);

test("endProcessesOf() ends what has left its parent and its group, and nothing else", async () => {
  const other = Bun.spawn(["sleep", "1000"], { stdin: "ignore" });
  try {
    const parent = Bun.spawn(["setsid", "--fork", "sleep", "1000"], {
      env: { ...process.env, PLACE: folder },
      stdin: "ignore",
    });
    await parent.exited;
    expect(processesOf(folder)).toHaveLength(1);
    endProcessesOf(folder);
    expect(processesOf(folder)).toEqual([]);
    expect(other.exitCode).toBeNull();
  } finally {
    other.kill();
    await other.exited;
  }
});

function isSleepingJob(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").startsWith("sleep\0");
  } catch {
    return false;
  }
}
