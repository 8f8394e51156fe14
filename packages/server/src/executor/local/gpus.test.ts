// Finding GPUs copes with every kind of driver answer.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { detectCapacity } from "./detect-capacity.ts";
import { findGpus, parseNvidiaSmi } from "./gpus.ts";

const H200 = "GPU-2c9f3a61-9a07-1111-2222-333344445555, 0, NVIDIA H200, 143771";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-gpus-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program in the place of nvidia-smi. */
function driver(shell: string): string {
  const path = join(folder, "nvidia-smi");
  writeFileSync(path, `#!/bin/sh\n${shell}\n`);
  chmodSync(path, 0o755);
  return path;
}

test("parseNvidiaSmi() reads UUID, index, name and memory", () => {
  expect(parseNvidiaSmi(`${H200}\n`)).toEqual({
    gpus: [
      {
        uuid: "GPU-2c9f3a61-9a07-1111-2222-333344445555",
        index: 0,
        name: "NVIDIA H200",
        memoryBytes: 143_771 * 1_048_576,
      },
    ],
    warnings: [],
  });
});

test("parseNvidiaSmi() keeps a name with commas, and leaves out garbage and a repeated GPU with a warning", () => {
  const found = parseNvidiaSmi(
    `GPU-aaaa, 1, Tesla, old, 100\n???\n${H200}\n${H200}\nGPU-bbbb, 2, X, [N/A]\n`,
  );
  expect(found.gpus.map(({ name }) => name)).toEqual(["Tesla, old", "NVIDIA H200"]);
  expect(found.warnings).toHaveLength(3);
});

test("parseNvidiaSmi() takes no devices for none", () => {
  expect(parseNvidiaSmi("No devices were found\n")).toEqual({ gpus: [], warnings: [] });
});

test("findGpus() finds none, without a warning, where there is no nvidia-smi", async () => {
  expect(await findGpus("no-such-nvidia-smi")).toEqual({ gpus: [], warnings: [] });
});

test("findGpus() asks the driver", async () => {
  const { gpus } = await findGpus(driver(`echo '${H200}'`));
  expect(gpus).toHaveLength(1);
});

test("findGpus() warns when the driver fails", async () => {
  const { gpus, warnings } = await findGpus(
    driver("echo 'Driver/library version mismatch' >&2; exit 18"),
  );
  expect(gpus).toEqual([]);
  expect(warnings).toEqual([
    "No GPU is used: nvidia-smi exited with 18: Driver/library version mismatch.",
  ]);
});

test("findGpus() warns when the driver hangs, and goes on", async () => {
  const { warnings } = await findGpus(driver("exec sleep 1000"), 100);
  expect(warnings).toEqual(["No GPU is used: nvidia-smi did not answer within 0.1 s."]);
});

test("detectCapacity() lets the config win and detects the rest", async () => {
  const gpu = { uuid: "GPU-a", index: 0, name: "X", memoryBytes: 1 };
  const { capacity } = await detectCapacity({ memBytes: 5, gpus: [gpu] });
  expect(capacity).toEqual({ cpus: availableParallelism(), memBytes: 5, gpus: [gpu] });
  expect((await detectCapacity({ cpus: 3, gpus: [] })).capacity).toMatchObject({
    cpus: 3,
    gpus: [],
  });
  expect((await detectCapacity({ gpus: [] })).capacity.memBytes).toBeGreaterThan(1_000_000);
});
