// Tests of the statements and checks that let one key take the place of another.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { insertKey, keyById } from "./api-keys.ts";
import { activateKey, endGraceBefore, revokePendingOf, supersedeKey } from "./key-rotation.ts";
import { openTempStore, rejectionOf, type TempStore } from "./store.fixture.ts";
import { insertUser } from "./users.ts";

let store: TempStore;

const write = <T>(work: () => T) => store.db.write(work);
const add = (id: string, more: { replaces?: string; pending_until?: number } = {}) =>
  insertKey(store.db, {
    id,
    user_id: 1,
    api_key_hash: id.repeat(16),
    label: null,
    created_at: 1,
    expires_at: 100,
    ...more,
  });
const supersede = (id: string, by: string, now = 10) =>
  write(() => supersedeKey(store.db, id, { by, graceEndsAt: 50, now }));

beforeEach(async () => {
  store = openTempStore();
  await write(() => {
    insertUser(store.db, { name: "alice", role: "member", created_at: 0 });
    add("aaaa");
    add("bbbb", { replaces: "aaaa" });
  });
});
afterEach(() => store.close());

describe("supersedeKey()", () => {
  test("does it once, with the end of the grace", async () => {
    expect(await supersede("aaaa", "bbbb")).toBe(true);
    expect(keyById(store.db, "aaaa")).toMatchObject({ superseded_by: "bbbb", valid_until: 50 });
    expect(await supersede("aaaa", "bbbb")).toBe(false);
  });

  test("leaves alone a key that has expired, was revoked or is pending", async () => {
    expect(await supersede("aaaa", "bbbb", 100)).toBe(false);
    await write(() => store.db.run("UPDATE api_keys SET revoked_at = 5 WHERE id = 'aaaa'"));
    expect(await supersede("aaaa", "bbbb")).toBe(false);
    await write(() => add("cccc", { replaces: "bbbb", pending_until: 60 }));
    expect(await supersede("cccc", "bbbb")).toBe(false);
  });
});

describe("a pending key", () => {
  beforeEach(() => write(() => add("cccc", { replaces: "aaaa", pending_until: 60 })));

  test("becomes a full one before its deadline and not at it", async () => {
    expect(await write(() => activateKey(store.db, "cccc", 60))).toBe(false);
    expect(await write(() => activateKey(store.db, "cccc", 59))).toBe(true);
    expect(await write(() => activateKey(store.db, "cccc", 59))).toBe(false);
    expect(keyById(store.db, "cccc")).toMatchObject({ pending: false, valid_until: 100 });
  });

  test("is revoked by the key whose place it waits for, and never activated after that", async () => {
    expect(await write(() => revokePendingOf(store.db, "aaaa", 20))).toBe("cccc");
    expect(await write(() => revokePendingOf(store.db, "aaaa", 21))).toBeNull();
    expect(await write(() => activateKey(store.db, "cccc", 22))).toBe(false);
    expect(keyById(store.db, "cccc")?.revoked_at).toBe(20);
  });

  test("has no second beside it, names a key, and was never used", async () => {
    const faultOf = async (work: () => unknown) => (await rejectionOf(write(work)))?.message;
    expect(await faultOf(() => add("dddd", { replaces: "aaaa", pending_until: 9 }))).toContain(
      "UNIQUE",
    );
    expect(await faultOf(() => add("dddd", { pending_until: 9 }))).toContain("CHECK");
    const set = (what: string) => faultOf(() => store.db.run(`UPDATE api_keys SET ${what}`));
    expect(await set("last_used_at = 1 WHERE id = 'cccc'")).toContain("CHECK");
    expect(await set("grace_ends_at = 1 WHERE id = 'aaaa'")).toContain("CHECK");
    expect(await set("superseded_by = 'bbbb' WHERE id = 'aaaa'")).toContain("CHECK");
    expect(await set("replaces = 'aaaa' WHERE id = 'aaaa'")).toContain("CHECK");
  });
});

test("endGraceBefore() ends what still worked, and says which", async () => {
  await supersede("aaaa", "bbbb");
  expect(await write(() => endGraceBefore(store.db, "bbbb", 20))).toEqual(["aaaa"]);
  expect(keyById(store.db, "aaaa")?.valid_until).toBe(20);
  expect(await write(() => endGraceBefore(store.db, "bbbb", 21))).toEqual([]);
});
