// With real cgroups of version 2, in a machine that has them whatever the box has: limits hold, and all of a job ends with it.
import { expect } from "bun:test";
import { needsParts } from "./system-tool.ts";
import { machineLack, runInMachine } from "./virtual-machine.ts";

const SUITE = "./packages/server/src/executor/cgroup/in-cgroups.conformance.ts";

needsParts(machineLack())(
  "attempts are held by cgroups where the server may divide its own",
  async () => {
    const said = await runInMachine([process.execPath, "test", "--timeout=150000", SUITE]);
    expect(said).toMatch(/\n 0 fail\n/);
  },
  // Without KVM a machine is computed, which on a busy box takes minutes.
  900_000,
);
