// What an attempt without a cgroup has used at most is that of its largest process, and nothing where none was seen.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ended, shellSpec, waitFor } from "../attempt.fixture.ts";
import type { Observation } from "../executor.ts";
import { writeControl } from "./control-files.ts";
import { localSubject } from "./local-executor.fixture.ts";
import { PeakWatch, withPeak } from "./peak-memory.ts";
import { findProcess } from "./process-identity.ts";

const MIB = 1024 ** 2;

describe("PeakWatch", () => {
  let control: string;
  const children: Bun.Subprocess[] = [];
  const reading: Promise<void>[] = [];
  beforeEach(() => {
    control = mkdtempSync(join(tmpdir(), "fetchml-peak-"));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      process.kill(-child.pid, "SIGKILL");
      await child.exited;
    }
    await Promise.all(reading.splice(0));
    rmSync(control, { recursive: true });
  });

  /** A shell whose grandchildren have used so much each, as the job of the attempt; that is given back before it says so. */
  async function startJob(mib: number, count: number): Promise<void> {
    const use = `python3 -c 'x = bytearray(${mib} << 20); del x; print("used", flush=True); __import__("time").sleep(1000)'`;
    const child = Bun.spawn({
      cmd: ["sh", "-c", `${`(${use}) & `.repeat(count)}wait`],
      stdio: ["pipe", "pipe", "inherit"],
      detached: true,
    });
    children.push(child);
    let said = "";
    const decoder = new TextDecoder();
    reading.push(
      (async () => {
        for await (const chunk of child.stdout) said += decoder.decode(chunk);
      })(),
    );
    await waitFor("the job", () => said.split("used").length > count);
    writeControl(control, "job", `${child.pid} ${findProcess(child.pid)?.startTicks}`);
  }

  const end: Extract<Observation, { kind: "ended" }> = {
    kind: "ended",
    outcome: { kind: "exited", exit_code: 0 },
    endedAt: 0,
  };
  const peak = () => withPeak(end, control).peak;

  test("keeps what the largest of all processes of the job has used, also what it has given back", async () => {
    await startJob(64, 2);
    const watch = new PeakWatch({ hasCgroups: false });
    watch.add(control);
    watch.look();
    expect(peak()).toBeUndefined();
    watch.end(control);
    expect(peak()?.peak_mem_of).toBe("process");
    expect(peak()?.peak_mem_bytes).toBeGreaterThan(64 * MIB);
    expect(peak()?.peak_mem_bytes).toBeLessThan(128 * MIB);
    watch.close();
  });

  test("a server after it finds the same, and one that is closed keeps nothing", async () => {
    await startJob(64, 1);
    const first = new PeakWatch({ hasCgroups: false });
    first.add(control);
    first.look();
    first.close();
    expect(existsSync(join(control, "peak"))).toBe(false);
    const second = new PeakWatch({ hasCgroups: false });
    second.add(control);
    second.look();
    second.end(control);
    expect(peak()?.peak_mem_bytes).toBeGreaterThan(64 * MIB);
  });

  test("says nothing of an attempt that it has not seen alive", async () => {
    const watch = new PeakWatch({ hasCgroups: false });
    watch.add(control);
    watch.end(control);
    watch.end(control);
    expect(peak()).toBeUndefined();
    expect(existsSync(join(control, "peak"))).toBe(false);
  });

  test("leaves what the supervisor has written, and takes a line of another form for none", () => {
    writeControl(control, "peak", "12345 attempt");
    const watch = new PeakWatch({ hasCgroups: true });
    watch.add(control);
    watch.end(control);
    expect(peak()).toEqual({ peak_mem_bytes: 12_345, peak_mem_of: "attempt" });
    expect(readFileSync(join(control, "peak"), "utf8")).toBe("12345 attempt\n");
    for (const text of ["0 attempt", "x", "1 job", "1"]) {
      writeControl(control, "peak", text);
      expect(peak()).toBeUndefined();
    }
  });
});

test("the end of an attempt tells its peak, again and again and to any server", async () => {
  const subject = await localSubject();
  try {
    const spec = shellSpec("python3 -c 'import time; x = bytearray(64 << 20); time.sleep(2)'");
    await subject.executor.start(spec);
    const end = await ended(subject.executor, spec);
    expect(end.peak?.peak_mem_of).toBe("process");
    expect(end.peak?.peak_mem_bytes).toBeGreaterThan(64 * MIB);
    expect(await ended(subject.executor, spec)).toEqual(end);
    expect(await ended(subject.another(), spec)).toEqual(end);
  } finally {
    await subject.close();
  }
});
