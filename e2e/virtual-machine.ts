// Runs a command in a virtual machine that has cgroups of version 2, whatever the box has: scripts/in-cgroup-vm.sh.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "..");

/** What the box lacks to run one, in words; empty where it lacks nothing. */
export function machineLack(): readonly string[] {
  const tools = ["qemu-system-x86_64", "busybox", "modprobe"];
  const missing = tools.filter((tool) => Bun.which(tool) === null);
  return hasKernel() ? missing : [...missing, "linux-image-amd64"];
}

/**
 * Runs a command to its end, in the root of the repository as the machine sees it.
 *
 * @returns what it printed.
 * @throws Error with that and the machine's complaint when it failed.
 */
export async function runInMachine(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const machine = Bun.spawn(["scripts/in-cgroup-vm.sh", ...command], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [said, complaint] = await Promise.all([machine.stdout.text(), machine.stderr.text()]);
  if ((await machine.exited) !== 0) throw new Error(`${complaint}\n${said}`);
  return said;
}

/** A kernel in /boot that can share a folder with this system. */
function hasKernel(): boolean {
  return readdirSync("/boot").some((name) =>
    existsSync(`/lib/modules/${name.replace("vmlinuz-", "")}/kernel/fs/9p`),
  );
}
