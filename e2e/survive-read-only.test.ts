// A file system that becomes read-only under the server: it says so, jobs run on, and nothing that was acknowledged is gone after.
import { expect } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Box, until } from "./box.ts";
import { needsMount } from "./small-disk.ts";
import { databaseFaults } from "./torture/database-faults.ts";

const test = needsMount("mkfs.ext4", "e2fsck", "findmnt", "pkill");

function run(...command: readonly string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command]);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr.toString()}`);
  return stdout.toString().trim();
}

const mountImage = (image: string, path: string) =>
  run("mount", "-o", "loop,errors=remount-ro", image, path);

/** Has the kernel find an error on it, whereupon it takes nothing more, whoever has files open. */
function spoil(path: string): void {
  const device = basename(run("findmnt", "-no", "SOURCE", path));
  writeFileSync(join("/sys/fs/ext4", device, "trigger_fs_error"), "1");
}

test("what is new is refused in words, what runs goes on, and a mended disk holds all that was acknowledged", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fetchml-read-only-"));
  const [data, image] = [join(folder, "data"), join(folder, "image")];
  mkdirSync(data);
  run("truncate", "-s", "96M", image);
  run("mkfs.ext4", "-q", image);
  mountImage(image, data);
  writeFileSync(join(folder, "config.toml"), 'min_free = "8M"\ncpus = 4\n');
  const box = new Box(folder, { hasConfig: true, sandbox: "none" });
  // The job ends by itself, and its supervisor tries to say so for ever.
  const endSupervisor = () =>
    Bun.spawnSync(["pkill", "-KILL", "-f", `${data}/attempts/1.1/control`]);
  try {
    await box.start();
    const alice = await box.addPerson("alice");
    const gate = join(folder, "gate");
    const count = () =>
      existsSync(`${gate}.count`) ? Number(readFileSync(`${gate}.count`, "utf8")) : 0;
    const script = `cd /; i=0; until [ -e '${gate}' ]; do i=$((i + 1)); echo $i > '${gate}.count'; sleep 0.05; done`;
    expect((await alice.ml(["queue", "long", "--", "sh", "-c", script])).code).toBe(0);
    await until(() => count() > 0, "the job does not begin");
    expect((await alice.ml(["queue", "held", "--hold", "--", "echo", "held"])).code).toBe(0);

    spoil(data);
    const refused = await alice.ml(["queue", "new", "--", "echo", "new"]);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("read-only")]);
    expect((await alice.ml(["status"])).code).toBe(0);
    const shown = JSON.parse((await alice.ml(["show", "long", "--json"])).stdout);
    expect(shown).toMatchObject({ state: "running", attempt: 1 });
    const before = count();
    await until(() => count() > before, "the job does not go on");

    await box.stop("SIGKILL");
    const started = await box.start().then(
      () => "started",
      (error: unknown) => String(error),
    );
    expect(started).toContain("its file system is read-only");

    // Such a disk is mended by who takes it away, checks it and puts it back; a job that works on it cannot go on.
    const [job = ""] = readFileSync(join(data, "attempts/1.1/control/job"), "utf8").split(" ");
    endSupervisor();
    process.kill(-Number(job), "SIGKILL");
    await until(() => Bun.spawnSync(["umount", data]).exitCode === 0, "the disk is in use");
    Bun.spawnSync(["e2fsck", "-f", "-y", image]);
    mountImage(image, data);
    await box.start();
    expect(JSON.parse((await alice.ml(["show", "held", "--json"])).stdout)).toMatchObject({
      reason: "held",
    });
    await until(
      async () => JSON.parse((await alice.ml(["show", "long", "--json"])).stdout).state === "lost",
      "the job is not found lost",
    );
    expect((await alice.ml(["queue", "again", "--", "echo", "works"])).code).toBe(0);
    await until(
      async () => (await alice.ml(["logs", "again"])).stdout === "works\n",
      "a new job does not run",
    );
    expect(databaseFaults(box.dataDir)).toEqual([]);
    await alice.ml(["cancel", "held"]);
  } finally {
    writeFileSync(join(folder, "gate"), "");
    await box.stop();
    await until(() => {
      endSupervisor();
      return Bun.spawnSync(["umount", data]).exitCode === 0;
    }, "the disk is still in use");
    rmSync(folder, { recursive: true, force: true });
  }
}, 90_000);
