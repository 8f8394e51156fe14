// What the admin's commands say to somebody who is not the owner of the data folder, and after a restore by one who is.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FETCHML, openBox, runToEnd, type Box } from "./box.ts";
import { plainAccount } from "./plain-account.ts";

const isRoot = process.geteuid?.() === 0;

let folder: string;
let box: Box;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-accounts-"));
  chmodSync(folder, 0o755);
  box = await openBox();
});

afterAll(async () => {
  await box.close();
  rmSync(folder, { recursive: true });
});

test.skipIf(!isRoot)(
  "a command of another account says to take sudo, and not that there is no server",
  async () => {
    const dataDir = join(folder, "data");
    mkdirSync(dataDir, { mode: 0o700 });
    const other = plainAccount({ home: join(folder, "home"), bin: join(FETCHML, "..") });
    for (const command of [
      ["key", "list"],
      ["backup", join(folder, "home/x.tar")],
      ["user", "list"],
    ]) {
      const refused = await other.run(["fetchml", ...command, "--data-dir", dataDir]);
      expect([refused.code, refused.stderr]).toEqual([
        2,
        `The data folder ${dataDir} belongs to another account.\nRun this as that account or as root, with "sudo" in front.\n`,
      ]);
    }
  },
);

test("a config that cannot be reached is an error, and not as if there were none", async () => {
  const loop = join(folder, "loop.toml");
  symlinkSync(loop, loop);
  const env = { PATH: "/usr/bin:/bin", HOME: folder };
  const refused = await runToEnd([FETCHML, "user", "list", "--config", loop], { env });
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringContaining(`Cannot read ${loop}`),
  ]);
});

test("what restore leaves is for its owner alone whatever the umask, and what it advises is about that folder", async () => {
  const file = join(folder, "fetchml.backup.tar");
  expect((await box.admin(["backup", file])).code).toBe(0);
  const dataDir = join(folder, "a restored one");
  const line = 'umask 000 && exec "$@"';
  const env = { PATH: "/usr/bin:/bin", HOME: folder };
  const typed = ["sh", "-c", line, "sh", FETCHML, "restore", file, "--data-dir", dataDir];
  const restored = await runToEnd(typed, { env });
  expect([restored.code, restored.stderr]).toEqual([
    0,
    expect.stringContaining(`fetchml key list --data-dir '${dataDir}'`),
  ]);
  for (const name of ["", "fetchml.db", "lock.db"]) {
    expect([name, statSync(join(dataDir, name)).mode & 0o077]).toEqual([name, 0]);
  }
  const told = await runToEnd([FETCHML, "doctor", "--json", "--data-dir", dataDir], { env });
  expect(JSON.parse(told.stdout)).toMatchObject({
    checks: expect.arrayContaining([
      expect.objectContaining({ name: "data-folder", status: "ok" }),
    ]),
  });
});
