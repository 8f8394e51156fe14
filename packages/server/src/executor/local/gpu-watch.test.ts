// Others on the box who use its GPUs are seen, and attempts are not taken for others.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "../../telemetry/log.ts";
import { ready, shellSpec, waitFor } from "../attempt.fixture.ts";
import { parseGpuProcesses } from "./gpu-processes.ts";
import { GpuWatch, type GpuWatchOptions } from "./gpu-watch.ts";
import { localSubject, type LocalSubject, offeredSandboxes } from "./local-executor.fixture.ts";
import { findProcess } from "./process-identity.ts";

const A = "GPU-aaaa";
const B = "GPU-bbbb";

let folder: string;
let lines: string[];
let changes: number;
let watch: GpuWatch | null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-gpu-watch-"));
  lines = [];
  changes = 0;
  watch = null;
});
afterEach(() => {
  watch?.close();
  rmSync(folder, { recursive: true });
});

/** A program in the place of nvidia-smi, which tells the processes in the file `processes`. */
function driver(shell = `cat ${join(folder, "processes")}`): string {
  const path = join(folder, "nvidia-smi");
  writeFileSync(path, `#!/bin/sh\n${shell}\n`);
  chmodSync(path, 0o755);
  return path;
}
const tell = (text: string) => writeFileSync(join(folder, "processes"), text);
const log = createLog({
  level: "debug",
  clock: { now: () => 0 },
  write: (line) => lines.push(line),
});

async function started(options: Partial<GpuWatchOptions> = {}): Promise<GpuWatch> {
  watch = new GpuWatch({
    dataDir: folder,
    gpuUuids: [A, B],
    alive: () => Promise.resolve([]),
    log,
    onChange: () => (changes += 1),
    program: options.program ?? driver(),
    everyMs: 10,
    ...options,
  });
  await watch.start();
  return watch;
}

test("parseGpuProcesses() reads the driver's lines, and leaves out what has another form", () => {
  expect(
    parseGpuProcesses(`${A}, 12, 3000\n${B}, 13, [N/A]\nNo running processes found\n???\n`),
  ).toEqual([
    { gpuUuid: A, pid: 12, memoryBytes: 3000 * 2 ** 20 },
    { gpuUuid: B, pid: 13, memoryBytes: null },
  ]);
});

describe("GpuWatch", () => {
  test("sees who uses a GPU and with how much, and that it is free again", async () => {
    tell(`${A}, ${process.pid}, 3000\nGPU-cccc, ${process.pid}, 1\n`);
    const { use } = await started();
    expect([...use]).toEqual([
      [
        A,
        [
          {
            pid: process.pid,
            user: Bun.spawnSync(["id", "-un"]).stdout.toString().trim(),
            name: readFileSync("/proc/self/comm", "utf8").trim(),
            memory_bytes: 3000 * 2 ** 20,
          },
        ],
      ],
    ]);
    tell("");
    await waitFor("a free GPU", () => watch?.use.size === 0);
    expect(changes).toBe(2);
  });

  test("tells of a process that it cannot look up by its pid alone", async () => {
    tell(`${A}, 4194999, [N/A]\n`);
    const { use } = await started();
    expect(use.get(A)).toEqual([{ pid: 4194999, user: null, name: null, memory_bytes: null }]);
  });

  test("does not count a process that has ended while the driver was asked", async () => {
    driver(
      `[ -e $0.again ] || printf '${A}, 4194999, 1\\n${B}, ${process.pid}, 1\\n'; : >> $0.again; echo x >> $0.count`,
    );
    const { use } = await started({ program: join(folder, "nvidia-smi"), everyMs: 100_000 });
    expect(textOf(join(folder, "nvidia-smi.count"))).toBe("x\nx\n");
    expect([...use.keys()]).toEqual([]);
    expect(changes).toBe(2);
  });

  test("asks twice of a process that it cannot look up, and not again while that is told of", async () => {
    driver(`echo '${A}, 4194999, 1'; echo x >> $0.count`);
    await started({ program: join(folder, "nvidia-smi"), everyMs: 100_000 });
    expect(watch?.use.has(A)).toBe(true);
    await watch?.start();
    expect(textOf(join(folder, "nvidia-smi.count"))).toBe("x\nx\nx\n");
    expect(changes).toBe(1);
  });

  test("keeps what it saw while the driver fails, and complains once", async () => {
    tell(`${A}, ${process.pid}, 1\n`);
    await started();
    driver("echo x >> $0.count; exit 9");
    const count = join(folder, "nvidia-smi.count");
    await waitFor("three looks", () => (textOf(count).match(/x/g)?.length ?? 0) >= 3);
    expect(watch?.use.has(A)).toBe(true);
    expect(lines.filter((line) => line.includes("exited with 9"))).toHaveLength(1);
  });

  test("does not wait for a driver that hangs, ends it, and asks again", async () => {
    driver("[ -e $0.again ] && exec cat ${0%/*}/processes; : > $0.again; exec sleep 100000");
    tell(`${B}, ${process.pid}, 1\n`);
    await started({ program: join(folder, "nvidia-smi"), patienceMs: 100 });
    expect(lines.join("")).toContain("did not answer within 0.1 s");
    await waitFor("the next answer", () => watch?.use.has(B));
  });

  test("asks nothing on a box without GPUs", async () => {
    driver("touch $0.asked");
    await started({ gpuUuids: [], program: join(folder, "nvidia-smi") });
    expect(textOf(join(folder, "nvidia-smi.asked"), "absent")).toBe("absent");
  });
});

describe.each(await offeredSandboxes())("the processes of an attempt in $kind", (sandbox) => {
  let subject: LocalSubject;
  beforeEach(async () => {
    subject = await localSubject({ sandbox });
  });
  afterEach(() => subject.close());

  test("are not taken for others'", async () => {
    const job = shellSpec("sh -c 'echo ready; while :; do sleep 0.1; done'; :");
    await subject.executor.start(job);
    await ready(subject, job);
    const leader = Number(readFileSync(join(subject.control(job), "job"), "utf8").split(" ")[0]);
    const child = await waitFor(
      "a child",
      () => textOf(`/proc/${leader}/task/${leader}/children`).trim().split(" ").map(Number)[0],
    );
    expect(findProcess(child)).not.toBeNull();
    tell(`${A}, ${leader}, 1\n${A}, ${child}, 1\n${B}, ${process.pid}, 1\n`);
    const { use } = await started({
      dataDir: subject.dataDir,
      alive: () => subject.executor.alive(),
    });
    expect([...use.keys()]).toEqual([B]);
  });
});

function textOf(path: string, absent = ""): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return absent;
  }
}
