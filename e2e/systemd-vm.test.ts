// The unit of deploy/ under a real systemd, in a machine whose first process that is: jobs outlive every restart of the service.
import { expect } from "bun:test";
import { existsSync } from "node:fs";
import { needsParts } from "./system-tool.ts";
import { runInMachine, machineLack } from "./virtual-machine.ts";

const missing = [
  ...machineLack(),
  ...(existsSync("/lib/systemd/systemd") ? [] : ["systemd"]),
  ...(existsSync("/lib/systemd/system/dbus.service") ? [] : ["dbus"]),
];

needsParts(missing)(
  "jobs go on through restart, stop and kill of the service, and are adopted with their limits",
  async () => {
    const suite = "./e2e/in-systemd.conformance.ts";
    const said = await runInMachine([process.execPath, "test", "--timeout=300000", suite], {
      CGROUP_VM_INIT: "systemd",
    });
    expect(said).toMatch(/\n 0 fail\n/);
  },
  // Without KVM a machine is computed, which on a busy box takes minutes.
  900_000,
);
