// A GPU that somebody uses outside FetchML is shown, given to no job, and given again when it is free.
import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Box, endJobs, FETCHML, until } from "./box.ts";

const GPU = "GPU-0a1b2c3d-0000-1111-2222-333344445555";

test("a GPU in use outside FetchML waits with its jobs until it is free", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fetchml-e2e-"));
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const users = join(folder, "users");
  writeFileSync(users, `${GPU}, ${process.pid}, 2048\n`);
  const asked = `case $1 in *compute-apps*) cat ${users};; *) echo '${GPU}, 0, NVIDIA H200, 143771';; esac`;
  writeFileSync(join(bin, "nvidia-smi"), `#!/bin/sh\n${asked}\n`);
  chmodSync(join(bin, "nvidia-smi"), 0o755);
  const path = `PATH=${bin}:${process.env["PATH"] ?? ""}`;
  const box = new Box(folder, {
    hasConfig: false,
    sandbox: "none",
    program: ["/usr/bin/env", path, FETCHML],
  });
  try {
    await box.start();
    const alice = await box.addPerson("alice");
    await alice.ml(["queue", "train", "--gpus", "1", "--", "sh", "-c", "sleep 1000"]);
    const status = await alice.ml(["status"]);
    expect(status.stdout).toMatch(
      new RegExp(`taken by others: process ${process.pid} \\(.*2 GiB\\)`),
    );
    expect((await alice.ml(["why", "train"])).stdout).toContain(
      `GPU ${GPU} is used outside FetchML, by process ${process.pid}`,
    );
    expect(JSON.parse((await alice.ml(["show", "train", "--json"])).stdout).state).toBe("queued");
    writeFileSync(users, "");
    const state = async () =>
      JSON.parse((await alice.ml(["show", "train", "--json"])).stdout).state;
    await until(async () => (await state()) === "running", "it does not start");
    await endJobs(alice);
  } finally {
    await box.close();
  }
}, 60_000);
