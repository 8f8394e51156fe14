// The life of keys as the admin types it, with the server running and stopped.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openBox, until, type Box } from "./box.ts";

const KEY = /^fetchml_[0-9a-hjkmnp-tv-z]{36}\n$/;

let box: Box;

beforeAll(async () => {
  box = await openBox();
});
afterAll(() => box.close());

const idOf = (key: string) => key.slice(8, 12);
const hashOf = (key: string) => new Bun.CryptoHasher("sha256").update(key).digest("hex");

async function issue(user: string, ...more: string[]): Promise<string> {
  await box.admin(["user", "add", user]);
  const { code, stdout, stderr } = await box.admin(["key", "issue", user, ...more]);
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

/** What the server says to a key; only while it runs. */
async function statusOf(key: string): Promise<number> {
  const response = await fetch(`${box.httpUrl}/rpc`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: '{"jsonrpc":"2.0","id":1,"method":"user.whoami"}',
  });
  return response.status;
}

for (const way of ["running", "stopped"] as const) {
  describe(`with the server ${way}`, () => {
    beforeAll(async () => {
      if (way === "stopped") await box.stop();
    });
    afterAll(async () => {
      if (way === "stopped") await box.start();
    });

    test("key rotate prints the new key alone on stdout, and the list says what became of the old one", async () => {
      const user = `alice-${way}`;
      const old = await issue(user, "--label", "laptop");
      const rotated = await box.admin(["key", "rotate", idOf(old)]);
      expect(rotated.code).toBe(0);
      expect(rotated.stdout).toMatch(KEY);
      const fresh = rotated.stdout.trim();
      expect(rotated.stderr).toContain(`takes the place of ${idOf(old)}`);
      expect(rotated.stderr).not.toContain(fresh);
      const { stdout } = await box.admin(["key", "list", user]);
      expect(stdout).toMatch(new RegExp(`replaced by ${idOf(fresh)}, good until \\d{4}-`));
      const again = await box.admin(["key", "rotate", idOf(old)]);
      expect(again).toMatchObject({ code: 5, stdout: "" });
      expect(again.stderr).toContain(`fetchml key rotate ${idOf(fresh)} --leaked`);
    });

    test("key rotate --user wants the id where there are several keys, and --leaked revokes at once", async () => {
      const user = `bob-${way}`;
      const one = await issue(user);
      const two = await issue(user);
      const several = await box.admin(["key", "rotate", "--user", user]);
      expect(several.code).toBe(5);
      for (const key of [one, two]) expect(several.stderr).toContain(idOf(key));
      await box.admin(["key", "revoke", idOf(two)]);
      const leaked = await box.admin(["key", "rotate", "--user", user, "--leaked", "--json"]);
      expect(JSON.parse(leaked.stdout)).toMatchObject({
        user,
        api_key: expect.stringMatching(/^fetchml_/),
        old: { id: idOf(one), revoked_at: expect.any(Number) },
        closed_connections: 0,
      });
    });

    test("key import takes the key itself however it was pasted, or its id and hash", async () => {
      const user = `carol-${way}`;
      const key = await issue(`dora-${way}`);
      const known = await box.admin(["key", "import", `dora-${way}`, "--key-stdin"], {
        input: key,
      });
      expect(known).toMatchObject({ code: 5, stderr: expect.stringContaining("already") });
      await box.admin(["user", "add", user]);
      // A key of the same format that this box has never seen.
      const other = "fetchml_kpazxttmnfwpqvn7htakzj9hnk67xw0errda";
      const flip = (text: string) => text.toUpperCase().replace(/(.{4})/g, "$1 ");
      const args = ["key", "import", user, "--label", "restored"];
      if (way === "running") {
        const asKey = await box.admin([...args, "--key-stdin", "--json"], { input: flip(other) });
        expect(JSON.parse(asKey.stdout)).toMatchObject({ id: "kpaz", user, label: "restored" });
        expect(asKey.stdout).not.toContain(hashOf(other));
        expect(await statusOf(other)).toBe(200);
      } else {
        const byHash = ["--id", "kpa0", "--hash-stdin"];
        const asHash = await box.admin([...args, ...byHash], { input: `${"7".repeat(64)}\n` });
        expect(asHash).toMatchObject({ code: 0, stderr: expect.stringContaining("kpa0") });
      }
    });

    test("key import says what is wrong with what it got", async () => {
      const key = await issue(`erin-${way}`);
      const tell = async (args: string[], input: string) => {
        const { code, stderr } = await box.admin(["key", "import", `erin-${way}`, ...args], {
          input,
        });
        expect(code).toBe(2);
        expect(stderr).not.toContain(key.slice(12, 30));
        return stderr;
      };
      expect(await tell([], "")).toContain("--key-stdin");
      expect(await tell(["--key-stdin"], hashOf(key))).toContain("hash");
      expect(await tell(["--key-stdin"], key.slice(0, -1))).toContain("stdin");
      expect(await tell(["--id", idOf(key), "--hash-stdin"], key)).toContain("--key-stdin");
      expect(await tell(["--id", "ab!1", "--hash-stdin"], hashOf(key))).toContain("--id");
      expect(await tell(["--key-stdin"], "x".repeat(100_000))).toContain("too long");
    });

    test("key issue --spoken makes no key where stdout is no terminal, unless forced", async () => {
      const user = `fred-${way}`;
      await box.admin(["user", "add", user]);
      expect(await box.admin(["key", "issue", user, "--spoken"])).toMatchObject({
        code: 2,
        stdout: "",
      });
      expect((await box.admin(["key", "list", user])).stdout).toBe("");
      const { code, stdout } = await box.admin(["key", "issue", user, "--spoken", "--force"]);
      expect(code).toBe(0);
      const groups = stdout.trim().split(/\n+/);
      expect(groups).toHaveLength(9);
      for (const line of groups) {
        expect(line).toMatch(/^\d {2}[0-9A-HJKMNP-TV-Z]{4} {2}\w+ \w+ \w+ \w+$/);
      }
    });

    test("key list tells days from 14 days before the end, and how to get a new key", async () => {
      const user = `gina-${way}`;
      const key = await issue(user, "--expires", "3d");
      const { stdout, stderr } = await box.admin(["key", "list", user]);
      expect(stdout).toMatch(/good until \d{4}-.*, 3 days left/);
      expect(stderr).toContain(`fetchml key rotate ${idOf(key)}`);
      await box.admin(["user", "add", `hugo-${way}`]);
      await issue(`hugo-${way}`, "--expires", "15d");
      const later = await box.admin(["key", "list", `hugo-${way}`]);
      expect(later.stdout).toMatch(/until \d{4}-/);
      expect(later.stderr).toBe("");
    });

    test("audit tells who did what and what was refused, and never a key or a hash", async () => {
      const user = `ivan-${way}`;
      const key = await issue(user);
      await box.admin(["user", "add", user]);
      const { stdout } = await box.admin(["audit", "--since", "1h", "--json"]);
      const rows = JSON.parse(stdout) as { action: string; target: string; ok: boolean }[];
      expect(rows).toContainEqual(
        expect.objectContaining({ action: "key.issue", target: `${user} ${idOf(key)}`, ok: true }),
      );
      expect(rows).toContainEqual(
        expect.objectContaining({
          action: "user.add",
          target: user,
          ok: false,
          reason: "conflict",
        }),
      );
      const table = await box.admin(["audit"]);
      expect(table.stdout).toMatch(/^TIME +ACTOR +ACTION +TARGET +FROM +RESULT\n/);
      expect(table.stdout).toContain("refused: conflict");
      for (const told of [stdout, table.stdout]) expect(told).not.toMatch(/fetchml_|[0-9a-f]{64}/);
      expect(await box.admin(["audit", "--since", "yesterday"])).toMatchObject({ code: 2 });
    });
  });
}

test("key revoke --cancel-jobs cancels what the user has not finished, and says so", async () => {
  const person = await box.addPerson("judy");
  const run = await person.ml(["queue", "sleeper", "--", "sleep", "600"]);
  expect(run.code).toBe(0);
  await person.ml(["queue", "held", "--hold", "--", "true"]);
  const { code, stderr } = await box.admin(["key", "revoke", "--user", "judy", "--cancel-jobs"]);
  expect(code).toBe(0);
  expect(stderr).toContain("Cancelled 2 jobs:");
  expect((await person.ml(["whoami"])).code).toBe(3);
  const key = await issue("judy");
  await until(async () => {
    const response = await fetch(`${box.httpUrl}/rpc`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: '{"jsonrpc":"2.0","id":1,"method":"job.list","params":{}}',
    });
    return (await response.text()).includes('"jobs":[]');
  }, "the jobs go on after their owner's key was revoked");
});
