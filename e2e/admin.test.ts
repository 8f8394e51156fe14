// The admin's commands, with the server running and stopped; one owner per data folder.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FETCHML, openBox, personAt, runToEnd, writeConfig, type Box } from "./box.ts";

let box: Box;

beforeAll(async () => {
  box = await openBox();
});

afterAll(() => box.close());

for (const way of ["running", "stopped"] as const) {
  describe(`with the server ${way}`, () => {
    beforeAll(async () => {
      if (way === "stopped") await box.stop();
    });
    afterAll(async () => {
      if (way === "stopped") await box.start();
    });

    test("a user's life: add, list, set-role, disable, enable, remove", async () => {
      const name = `bob-${way}`;
      expect((await box.admin(["user", "add", name])).code).toBe(0);
      expect((await box.admin(["user", "add", name])).code).toBe(5);
      expect((await box.admin(["user", "set-role", name, "admin"])).code).toBe(0);
      expect((await box.admin(["user", "disable", name])).code).toBe(0);
      const listed = await box.admin(["user", "list", "--json"]);
      expect(JSON.parse(listed.stdout)).toContainEqual(
        expect.objectContaining({ name, role: "admin", disabled_at: expect.any(Number) }),
      );
      expect((await box.admin(["user", "enable", name])).code).toBe(0);
      expect((await box.admin(["user", "remove", name])).code).toBe(0);
      expect((await box.admin(["user", "list", "--json"])).stdout).not.toContain(name);
    });

    test("key issue prints the key alone on stdout; list shows neither key nor hash; revoke ends it", async () => {
      const name = `carol-${way}`;
      await box.admin(["user", "add", name]);
      const issued = await box.admin(["key", "issue", name, "--label", "laptop"]);
      expect(issued.stdout).toMatch(/^fetchml_[0-9a-hjkmnp-tv-z]{36}\n$/);
      const key = issued.stdout.trim();
      expect(issued.stderr).not.toContain(key);
      const listed = await box.admin(["key", "list", name]);
      expect(listed.stdout).toContain(key.slice(8, 12));
      expect(listed.stdout).not.toContain(key);
      expect((await box.admin(["key", "revoke", key.slice(8, 12)])).code).toBe(0);
      const again = await box.admin(["key", "list", name, "--json"]);
      expect(JSON.parse(again.stdout)).toEqual([
        expect.objectContaining({ revoked_at: expect.any(Number) }),
      ]);
      expect(again.stdout).not.toMatch(/[0-9a-f]{64}/);
    });

    test("key issue --json gives what scripts need", async () => {
      const name = `dora-${way}`;
      await box.admin(["user", "add", name]);
      const { stdout } = await box.admin(["key", "issue", name, "--expires", "never", "--json"]);
      const issued = JSON.parse(stdout);
      expect(issued).toMatchObject({ user: name, expires_at: null });
      expect(new Bun.CryptoHasher("sha256").update(issued.api_key).digest("hex")).toBe(
        issued.api_key_hash,
      );
    });
  });
}

test("a revoked key is refused with exit 3, and says that it was revoked", async () => {
  const person = await box.addPerson("erin");
  expect((await person.ml(["whoami"])).code).toBe(0);
  await box.admin(["key", "revoke", "--user", "erin"]);
  const { code, stderr } = await person.ml(["whoami"]);
  expect(code).toBe(3);
  expect(stderr).toContain("revoked");
});

test("a wrong key is refused with exit 3 without saying more", async () => {
  const { apiKey } = await box.addPerson("fred");
  const other = await box.addPerson("gina");
  // fred's id with gina's secret, its checksum made right by nobody: refused offline.
  const mixed = apiKey.slice(0, 12) + other.apiKey.slice(12);
  const stranger = personAt(join(box.folder, "stranger"), { name: "stranger", apiKey: mixed });
  writeConfig(stranger.home, { apiKey: mixed, port: Number(new URL(box.httpUrl).port) });
  const { code, stderr } = await stranger.ml(["status"]);
  expect(code).toBe(3);
  expect(stderr).not.toContain(mixed);
});

test("a second server on the same data folder is refused in words, exit 5", async () => {
  const second = await runToEnd(
    [FETCHML, "serve", "--sandbox", "none", "--listen", "127.0.0.1:0", "--data-dir", box.dataDir],
    { env: { PATH: process.env["PATH"] ?? "", HOME: box.folder } },
  );
  expect(second.code).toBe(5);
  expect(second.stderr).toContain(box.dataDir);
  expect(second.stderr.trim().split("\n").length).toBeLessThanOrEqual(3);
});

test("data folder, database and socket are closed to others", () => {
  expect(statSync(box.dataDir).mode & 0o777).toBe(0o700);
  expect(statSync(join(box.dataDir, "fetchml.sock")).mode & 0o777).toBe(0o600);
  expect(statSync(join(box.dataDir, "fetchml.db")).mode & 0o077).toBe(0);
});

test("without a data folder the admin's commands exit 6 and say where they looked", async () => {
  const nowhere = join(box.folder, "nowhere");
  const { code, stderr } = await runToEnd([FETCHML, "user", "list", "--data-dir", nowhere], {
    env: { HOME: box.folder },
  });
  expect(code).toBe(6);
  expect(stderr).toContain(nowhere);
});

test("serve refuses a port that is taken, a sandbox it has not, and an open address", async () => {
  const port = new URL(box.httpUrl).port;
  const data = join(box.folder, "other");
  const serve = (...args: string[]) =>
    runToEnd([FETCHML, "serve", "--data-dir", data, ...args], {
      env: { PATH: process.env["PATH"] ?? "", HOME: box.folder },
    });
  const taken = await serve("--sandbox", "none", "--listen", `127.0.0.1:${port}`);
  expect(taken).toMatchObject({ code: 1, stderr: expect.stringContaining(port) });
  const config = join(box.folder, "without-bwrap.toml");
  writeFileSync(config, 'job_path = "/nowhere"\n');
  const sandbox = await serve("--sandbox", "bubblewrap", "--config", config);
  expect(sandbox).toMatchObject({ code: 1, stderr: expect.stringContaining("bubblewrap") });
  const open = await serve("--sandbox", "none", "--listen", "0.0.0.0:0");
  expect(open).toMatchObject({ code: 2, stderr: expect.stringContaining("--behind-proxy") });
});
