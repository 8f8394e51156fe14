// With real cgroups of version 2, in a machine that has them whatever the box has: limits hold, and all of a job ends with it.
import { expect } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { needsParts } from "./system-tool.ts";

const ROOT = join(import.meta.dir, "..");
const SUITE = "./packages/server/src/executor/cgroup/in-cgroups.conformance.ts";

/** A kernel in /boot that can share a folder with this system. */
function hasKernel(): boolean {
  return readdirSync("/boot").some((name) =>
    existsSync(`/lib/modules/${name.replace("vmlinuz-", "")}/kernel/fs/9p`),
  );
}

const missing = ["qemu-system-x86_64", "busybox", "modprobe"].filter(
  (tool) => Bun.which(tool) === null,
);

needsParts([...missing, ...(hasKernel() ? [] : ["linux-image-amd64"])])(
  "attempts are held by cgroups where the server may divide its own",
  async () => {
    const suite = [process.execPath, "test", "--timeout=150000", SUITE];
    const machine = Bun.spawn(["scripts/in-cgroup-vm.sh", ...suite], {
      cwd: ROOT,
      env: { ...process.env, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [said, complaint] = await Promise.all([machine.stdout.text(), machine.stderr.text()]);
    if ((await machine.exited) !== 0) throw new Error(`${complaint}\n${said}`);
    expect(said).toMatch(/\n 0 fail\n/);
  },
  // Without KVM a machine is computed, which on a busy box takes minutes.
  900_000,
);
