// What the admin is told of keys that were rotated and revoked: what has ended, what goes on, and what to do next.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openBox, type Box } from "./box.ts";

let box: Box;

beforeAll(async () => {
  box = await openBox();
});
afterAll(() => box.close());

const idOf = (key: string) => key.trim().slice(8, 12);

/** A user with a key; answers its id. */
async function give(user: string): Promise<string> {
  await box.admin(["user", "add", user]);
  return idOf((await box.admin(["key", "issue", user])).stdout);
}

/** Opens a WebSocket with a key; `closed` resolves when it is. */
async function openSocket(key: string): Promise<{ readonly closed: Promise<unknown> }> {
  const socket = new WebSocket(box.url, { headers: { authorization: `Bearer ${key.trim()}` } });
  const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  return { closed };
}

describe("fetchml key rotate", () => {
  test("--grace 0 says that the old key has ended, and how many connections with it", async () => {
    await box.admin(["user", "add", "alice"]);
    const key = (await box.admin(["key", "issue", "alice"])).stdout;
    const { closed } = await openSocket(key);
    const { code, stderr } = await box.admin(["key", "rotate", idOf(key), "--grace", "0"]);
    await closed;
    expect(code).toBe(0);
    expect(stderr).toContain(`${idOf(key)} has ended. 1 live connection was closed.`);
    expect(stderr).not.toContain("works until");
  });

  test("tells of the connections of the key before the old one, which ends with it", async () => {
    await box.admin(["user", "add", "bob"]);
    const first = (await box.admin(["key", "issue", "bob"])).stdout;
    const second = await box.admin(["key", "rotate", idOf(first)]);
    expect(second.stderr).toMatch(/ works until [-0-9]{10} [:0-9]{5}Z\.\n/);
    const { closed } = await openSocket(first);
    const third = await box.admin(["key", "rotate", idOf(second.stdout)]);
    await closed;
    expect(third.stderr).toContain("The key before it has ended: 1 live connection was closed.");
  });

  test("of a disabled user's key says what cannot be done, as key import does", async () => {
    const id = await give("carol");
    await box.admin(["user", "disable", "carol"]);
    const rotated = await box.admin(["key", "rotate", id]);
    expect(rotated.stderr).toStartWith(
      `Cannot rotate the key ${id} of carol: the user is disabled.`,
    );
    const hash = { input: "7".repeat(64) };
    const args = ["key", "import", "carol", "--id", "kpaz", "--hash-stdin"];
    const imported = await box.admin(args, hash);
    expect(imported.stderr).toStartWith("Cannot import a key for carol: the user is disabled.");
    const issued = await box.admin(["key", "issue", "carol"]);
    expect(issued.stderr).toStartWith("Cannot issue a key to carol: the user is disabled.");
    for (const { stderr } of [rotated, imported, issued]) {
      expect(stderr).toContain('"fetchml user enable carol" first');
    }
  });

  test("of a removed user's key does not advise to enable the user", async () => {
    const id = await give("dora");
    await box.admin(["user", "disable", "dora"]);
    await box.admin(["user", "remove", "dora"]);
    const { code, stderr } = await box.admin(["key", "rotate", id]);
    expect(code).not.toBe(0);
    expect(stderr).toContain("was removed");
    expect(stderr).not.toContain("enable");
  });
});

describe("fetchml key revoke", () => {
  test("names the key that has taken the place of the revoked one, while that one works", async () => {
    const old = await give("erin");
    const fresh = idOf((await box.admin(["key", "rotate", old])).stdout);
    const { stderr } = await box.admin(["key", "revoke", old]);
    expect(stderr).toContain(`${fresh} has taken the place of ${old} and was not revoked.`);
  });

  test("does not name it when it was revoked before, by its id or with all", async () => {
    for (const [user, how] of [
      ["finn", (id: string) => ["key", "revoke", id]],
      ["gina", () => ["key", "revoke", "--user", "gina"]],
    ] as const) {
      const old = await give(user);
      const fresh = idOf((await box.admin(["key", "rotate", old])).stdout);
      await box.admin(["key", "revoke", fresh]);
      const { stderr } = await box.admin(how(old));
      expect(stderr).toContain(`Revoked ${old}.`);
      expect(stderr).not.toContain(fresh);
    }
  });

  test("of one key and of all works the same with no server", async () => {
    const old = await give("hugo");
    const fresh = idOf((await box.admin(["key", "rotate", old])).stdout);
    await box.stop();
    const { code, stderr } = await box.admin(["key", "revoke", old]);
    await box.start();
    expect([code, stderr.includes(`${fresh} has taken the place of ${old}`)]).toEqual([0, true]);
  });
});

describe("fetchml key issue --spoken", () => {
  test("keeps the advice apart from the ninth group, and does not speak of pasting", async () => {
    await box.admin(["user", "add", "ivan"]);
    const { stdout, stderr } = await box.admin(["key", "issue", "ivan", "--spoken", "--force"]);
    expect(stdout.trimEnd().split("\n").at(-1)).toMatch(/^9 /);
    expect(stderr).toMatch(/^\nKey .*\nRead it out to ivan on a call; /);
    expect(stderr).not.toContain("paste");
  });
});

test("fetchml key --help lists the commands about keys, and fetchml key says that more is needed", async () => {
  const help = await box.admin(["key", "--help"]);
  expect([help.code, help.stdout.includes("key rotate"), help.stdout.includes("user add")]).toEqual(
    [0, true, false],
  );
  const half = await box.admin(["key"]);
  expect(half.code).toBe(2);
  expect(half.stderr).toStartWith('"fetchml key" is half a command.');
});
