// Tests of the checks of the box, each with what makes it well and what makes it fail.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { needsSystem } from "../../../../../e2e/system-tool.ts";
import { boxChecksText } from "./examine-box.ts";
import { checkCgroups } from "./cgroup-check.ts";
import { checkClock } from "./clock-check.ts";
import { checkDisk } from "./disk-check.ts";
import { checkGpu } from "./gpu-check.ts";
import { checkPort } from "./port-check.ts";
import { checkSandbox } from "./sandbox-check.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-box-checks-"));
  chmodSync(folder, 0o711);
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): string {
  const file = join(folder, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text, { mode: 0o755 });
  return file;
}

describe("checkGpu()", () => {
  const UUID = "GPU-00000000-0000-0000-0000-000000000001";
  const driver = (says: string) => write("nvidia-smi", `#!/bin/sh\n${says}\n`);
  const working = () => driver(`echo '${UUID}, 0, NVIDIA H200, 143771'`);
  const places = () => ({ devices: join(folder, "dev"), pci: join(folder, "pci") });

  test("is content with GPUs that the driver lists", async () => {
    write("dev/nvidia-uvm", "");
    const check = await checkGpu({ gpus: [UUID] }, { program: working(), ...places() });
    expect(check).toMatchObject({ status: "ok", message: "1 × NVIDIA H200", facts: { gpus: 1 } });
  });

  test("is content without a GPU, and fails with one that has no driver", async () => {
    const program = join(folder, "none");
    expect((await checkGpu({ gpus: null }, { program, ...places() })).status).toBe("ok");
    write("pci/0000:01:00.0/vendor", "0x10de\n");
    write("pci/0000:01:00.0/class", "0x030000\n");
    expect((await checkGpu({ gpus: null }, { program, ...places() })).status).toBe("failed");
  });

  test("fails for a driver that fails, and for GPUs in the config that are not here", async () => {
    const broken = driver("echo 'Driver/library version mismatch'; exit 18");
    expect(await checkGpu({ gpus: null }, { program: broken, ...places() })).toMatchObject({
      status: "failed",
      fix: "sudo reboot",
    });
    expect(await checkGpu({ gpus: ["GPU-x"] }, { program: working(), ...places() })).toMatchObject({
      status: "failed",
      fix: "nvidia-smi --list-gpus",
    });
  });

  test("warns when the device file is missing that jobs cannot make", async () => {
    const check = await checkGpu({ gpus: null }, { program: working(), ...places() });
    expect(check).toMatchObject({ status: "warning", fix: "sudo nvidia-modprobe -c 0 -u" });
  });
});

describe("checkSandbox()", () => {
  const uids = { first: 1_900_000_000, count: 10_000 };
  const asking = (sandbox: "auto" | "bubblewrap" | "none", PATH = "/usr/bin:/bin") =>
    checkSandbox({
      sandbox,
      jobEnv: { PATH, LANG: "C.UTF-8" },
      jobUids: uids,
      dataDir: join(folder, "not/yet"),
    });

  needsSystem("bwrap")("runs something in bubblewrap, before there is a data folder", async () => {
    expect(await asking("bubblewrap")).toMatchObject({ status: "ok", message: "bubblewrap works" });
  });

  test("fails with the command that installs bubblewrap where it is missing", async () => {
    expect(await asking("bubblewrap", folder)).toMatchObject({
      status: "failed",
      fix: "sudo apt-get install bubblewrap",
    });
  });

  test("warns when nothing keeps jobs apart", async () => {
    expect((await asking("none")).status).toBe("warning");
  });
});

describe("checkCgroups()", () => {
  const mounted = (controllers: string) => {
    write("cgroup/cgroup.controllers", `${controllers}\n`);
    return write("mountinfo", `30 23 0:26 / ${folder}/cgroup rw - cgroup2 cgroup2 rw\n`);
  };

  test("is content with all controllers under systemd", () => {
    const mountinfo = mounted("cpuset cpu io memory pids");
    expect(checkCgroups({ mountinfo, hasSystemd: true }).status).toBe("ok");
    expect(checkCgroups({ mountinfo, hasSystemd: false }).status).toBe("warning");
  });

  test("warns of an empty version 2, and of none", () => {
    expect(checkCgroups({ mountinfo: mounted(""), hasSystemd: true })).toMatchObject({
      status: "warning",
      message: expect.stringContaining("lacks cpu, memory, pids"),
    });
    const mountinfo = join(folder, "none");
    expect(checkCgroups({ mountinfo, hasSystemd: true }).status).toBe("warning");
  });
});

describe("checkDisk()", () => {
  const GIB = 1024 ** 3;
  const disk = (size: number, free: number, type = 0xef53) =>
    checkDisk(
      { dataDir: folder, minFree: null },
      { type, bsize: 1024, blocks: size / 1024, bavail: free / 1024 },
    ).status;

  test("wants room, and a disk on which a database may live", () => {
    expect(disk(1000 * GIB, 500 * GIB)).toBe("ok");
    expect(disk(1000 * GIB, 10 * GIB)).toBe("warning");
    expect(disk(1000 * GIB, 1 * GIB)).toBe("failed");
    expect(disk(1000 * GIB, 500 * GIB, 0x6969)).toBe("failed");
  });

  test("measures the disk that is there", () => {
    const { facts } = checkDisk({ dataDir: join(folder, "not/yet"), minFree: { bytes: 1 } });
    expect(Number(facts["size_bytes"])).toBeGreaterThan(Number(facts["free_bytes"]));
  });
});

describe("checkClock()", () => {
  test("warns when nothing keeps the clock, and can ask this kernel", () => {
    expect(checkClock(true).status).toBe("ok");
    expect(checkClock(false).status).toBe("warning");
    expect(["ok", "warning"]).toContain(checkClock().status);
  });
});

describe("checkPort()", () => {
  test("is content with a free port, and fails when a stranger has it", async () => {
    const stranger = createServer((socket) => {
      socket.end("SSH-2.0-x\r\n", () => socket.destroy());
    });
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    const at = stranger.address();
    const port = typeof at === "object" && at !== null ? at.port : 0;
    const settings = { listen: { host: "127.0.0.1", port }, dataDir: folder, configPath: null };
    expect(await checkPort(settings)).toMatchObject({
      status: "failed",
      fix: `fetchml serve --listen 127.0.0.1:${port + 1}`,
    });
    // What mends it where there is a config does so.
    const configPath = write("config.toml", `log_level = "info"\nlisten = "127.0.0.1:${port}"\n`);
    const { fix } = { fix: "", ...(await checkPort({ ...settings, configPath })) };
    expect(Bun.spawnSync(["sh", "-c", fix]).exitCode).toBe(0);
    expect(readFileSync(configPath, "utf8")).toBe(
      `log_level = "info"\nlisten = "127.0.0.1:${port + 1}"\n`,
    );
    writeFileSync(configPath, "");
    expect(await checkPort({ ...settings, configPath })).toMatchObject({
      fix: `\${EDITOR:-vi} ${configPath}`,
    });
    await new Promise<void>((resolve) => stranger.close(() => resolve()));
    expect((await checkPort(settings)).status).toBe("ok");
  });

  test("is content when this data folder's own server has it", async () => {
    const own = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("ok") });
    const admin = Bun.serve({
      unix: join(folder, "fetchml.sock"),
      fetch: () => new Response("ok"),
    });
    const check = await checkPort({
      listen: { host: "127.0.0.1", port: own.port ?? 0 },
      dataDir: folder,
      configPath: null,
    });
    await Promise.all([own.stop(true), admin.stop(true)]);
    expect(check.message).toContain("FetchML listens");
  });
});

describe("boxChecksText()", () => {
  test("shows a line for each check, with the command that mends it below", () => {
    const text = boxChecksText([checkClock(true), checkClock(false)]);
    expect(text.split("\n")).toEqual([
      "ok       clock  kept right by a time server",
      "warning  clock  nothing keeps the clock right, by which keys expire",
      "                sudo timedatectl set-ntp true",
      "",
      "1 ok, 1 warnings, 0 failed",
    ]);
  });
});
