// Checks the GPU driver: does it list GPUs, and are the device files there that a job cannot make.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../../config/settings.ts";
import { findGpus } from "../../executor/local/gpus.ts";
import { failed, ok, warning, type BoxCheck } from "./box-check.ts";

const NAME = "gpu";

/** Where this looks; other places are for tests. */
export interface GpuPlaces {
  /** Name or path of `nvidia-smi`. */
  readonly program?: string;
  /** Default `/dev`. */
  readonly devices?: string;
  /** Default `/sys/bus/pci/devices`. */
  readonly pci?: string;
}

/** Asks the driver. A box without a GPU is well: its jobs use the CPU. */
export async function checkGpu(
  { gpus: wanted }: Pick<Settings, "gpus">,
  { program = "nvidia-smi", devices = "/dev", pci = "/sys/bus/pci/devices" }: GpuPlaces = {},
): Promise<BoxCheck> {
  const { gpus, warnings } = await findGpus(program);
  const facts = { gpus: gpus.length, names: gpus.map(({ name }) => name).join(", ") };
  const [complaint] = warnings;
  if (complaint !== undefined) {
    const fix = /mismatch/i.test(complaint) ? "sudo reboot" : "sudo modprobe nvidia";
    return failed(NAME, { message: complaint, fix, facts });
  }
  if (gpus.length === 0) {
    if (!hasNvidiaCard(pci)) return ok(NAME, "no NVIDIA GPU: jobs use the CPU", facts);
    const message = "there is an NVIDIA GPU, and no driver that lists it";
    return failed(NAME, { message, fix: driverCommand(), facts });
  }
  const missing = (wanted ?? []).filter((uuid) => gpus.every((gpu) => gpu.uuid !== uuid));
  if (missing.length > 0) {
    const message = `the config names GPUs that are not here: ${missing.join(", ")}`;
    return failed(NAME, { message, fix: "nvidia-smi --list-gpus", facts });
  }
  if (!existsSync(join(devices, "nvidia-uvm"))) {
    const message = `${join(devices, "nvidia-uvm")} is missing, without which no job can use CUDA`;
    return warning(NAME, { message, fix: "sudo nvidia-modprobe -c 0 -u", facts });
  }
  return ok(
    NAME,
    `${gpus.length} × ${[...new Set(gpus.map(({ name }) => name))].join(", ")}`,
    facts,
  );
}

/** Whether the PCI bus has a display or 3D controller of NVIDIA. */
function hasNvidiaCard(pci: string): boolean {
  try {
    return readdirSync(pci).some(
      (slot) =>
        readFileSync(join(pci, slot, "vendor"), "utf8").trim() === "0x10de" &&
        readFileSync(join(pci, slot, "class"), "utf8").startsWith("0x03"),
    );
  } catch {
    return false;
  }
}

function driverCommand(): string {
  return Bun.which("ubuntu-drivers") === null
    ? "sudo apt-get install nvidia-driver"
    : "sudo ubuntu-drivers install";
}
