// The server dies when it is asked about a key, or when it has done it and not answered yet: what holds then, each time.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openBox, type Box, type Ended } from "./box.ts";
import { dieOnTheNetwork, dieOnTheSocket, type Moment } from "./dying-server.ts";

let box: Box;

beforeAll(async () => {
  box = await openBox();
});
afterAll(() => box.close());

interface Listed {
  readonly id: string;
  readonly pending: boolean;
  readonly revoked_at: number | null;
  readonly superseded_by: string | null;
}

const idOf = (key: string) => key.slice(8, 12);

async function issue(user: string): Promise<string> {
  await box.admin(["user", "add", user]);
  return (await box.admin(["key", "issue", user])).stdout.trim();
}

async function listed(user: string): Promise<readonly Listed[]> {
  return JSON.parse((await box.admin(["key", "list", user, "--json"])).stdout);
}

async function alive(user: string): Promise<readonly string[]> {
  return (await listed(user)).filter((key) => key.revoked_at === null).map(({ id }) => id);
}

/** Types a command of the admin's in whose midst the server dies; it runs again afterwards. */
async function typeWhileDying(moment: Moment, args: readonly string[]): Promise<Ended> {
  await dieOnTheSocket(box, moment);
  const ended = await box.admin(args);
  await box.start();
  expect(ended).toMatchObject({ code: 4, stdout: "" });
  expect(ended.stderr).toContain("may have been done or not");
  return ended;
}

/** Makes a call with a key in whose midst the server dies, and whose answer so never comes; it runs again afterwards. */
async function callWhileDying(moment: Moment, key: string, method: string): Promise<void> {
  const url = await dieOnTheNetwork(box, moment);
  expect(await call(url, key, method).catch((error: unknown) => error)).toBeInstanceOf(Error);
  await box.start();
}

async function call(url: string, key: string, method: string) {
  const response = await fetch(`${url}/rpc`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method }),
  });
  const { result } = (await response.json()) as { result?: Record<string, string> };
  return { status: response.status, result: result ?? {} };
}

const statusOf = async (key: string) => (await call(box.httpUrl, key, "user.whoami")).status;
const rotated = async (key: string) =>
  (await call(box.httpUrl, key, "own-key.rotate")).result["api_key"] ?? "";

describe("key issue", () => {
  test("asked for and not begun makes no key", async () => {
    await box.admin(["user", "add", "alice"]);
    await typeWhileDying("asked", ["key", "issue", "alice"]);
    expect(await listed("alice")).toEqual([]);
  });

  test("done and not answered leaves one key that nobody was shown, in the list, to be revoked by its id", async () => {
    const shown = await issue("bob");
    await typeWhileDying("done", ["key", "issue", "bob"]);
    const [unknown = "", ...more] = (await alive("bob")).filter((id) => id !== idOf(shown));
    expect([unknown.length, more]).toEqual([4, []]);
    expect((await box.admin(["key", "revoke", unknown])).code).toBe(0);
    expect(await alive("bob")).toEqual([idOf(shown)]);
    expect(await statusOf(shown)).toBe(200);
  });
});

describe("key revoke", () => {
  test("asked for and not begun leaves the key as it was", async () => {
    const key = await issue("carol");
    await typeWhileDying("asked", ["key", "revoke", idOf(key)]);
    expect(await statusOf(key)).toBe(200);
  });

  test("done and not answered has revoked the key for good", async () => {
    const key = await issue("dora");
    await typeWhileDying("done", ["key", "revoke", idOf(key)]);
    expect(await alive("dora")).toEqual([]);
    expect(await statusOf(key)).toBe(401);
  });
});

describe("own-key.rotate", () => {
  test("asked for and not begun makes no key", async () => {
    const key = await issue("erin");
    await callWhileDying("asked", key, "own-key.rotate");
    expect(await alive("erin")).toEqual([idOf(key)]);
  });

  test("done and not answered leaves the old key working, and one pending, which the next one ends", async () => {
    const key = await issue("finn");
    await callWhileDying("done", key, "own-key.rotate");
    expect(await statusOf(key)).toBe(200);
    const others = (await listed("finn")).filter(({ id }) => id !== idOf(key));
    expect(others).toMatchObject([{ pending: true, revoked_at: null }]);
    const fresh = await rotated(key);
    expect((await alive("finn")).toSorted()).toEqual([idOf(key), idOf(fresh)].toSorted());
    expect([await statusOf(fresh), await statusOf(key)]).toEqual([200, 200]);
  });
});

describe("the first use of a new key", () => {
  test("asked for and not begun leaves it pending and the old key in its place", async () => {
    const key = await issue("gina");
    const fresh = await rotated(key);
    await callWhileDying("asked", fresh, "user.whoami");
    const [old, pending] = [await find(key), await find(fresh)];
    expect([old?.superseded_by, pending?.pending]).toEqual([null, true]);
  });

  test("done and not answered has counted, and both work", async () => {
    const key = await issue("hugo");
    const fresh = await rotated(key);
    await callWhileDying("done", fresh, "user.whoami");
    expect((await find(key))?.superseded_by).toBe(idOf(fresh));
    expect([await statusOf(fresh), await statusOf(key)]).toEqual([200, 200]);
  });

  async function find(key: string): Promise<Listed | undefined> {
    const all: readonly Listed[] = JSON.parse((await box.admin(["key", "list", "--json"])).stdout);
    return all.find(({ id }) => id === idOf(key));
  }
});
