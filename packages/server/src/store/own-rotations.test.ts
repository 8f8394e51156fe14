// Which rows of the audit count as a user's own rotations.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { insertKey } from "./api-keys.ts";
import { insertAudit } from "./audit.ts";
import { countOwnRotationsSince, OWN_ROTATION } from "./own-rotations.ts";
import { openTempStore, type TempStore } from "./store.fixture.ts";
import { insertUser } from "./users.ts";

let store: TempStore;

beforeEach(async () => {
  store = openTempStore();
  await store.db.write(() => {
    for (const [at, name] of ["alice", "bob"].entries()) {
      insertUser(store.db, { name, role: "member", created_at: 0 });
      const id = name.slice(0, 2).repeat(2);
      const api_key_hash = id.repeat(16);
      const key = { id, user_id: at + 1, api_key_hash, label: null };
      insertKey(store.db, { ...key, created_at: 0, expires_at: null });
    }
  });
});
afterEach(() => store.close());

const note = (at: number, actor: string, more: { action?: string; ok?: 0 | 1 } = {}) => {
  const row = { at, actor, action: OWN_ROTATION, target: null, address: null, reason: null };
  return store.db.write(() => insertAudit(store.db, { ...row, ok: 1, ...more }));
};

test("countOwnRotationsSince() counts those by the user's keys that were done, from that time on", async () => {
  for (const at of [1, 2, 3]) await note(at, "alal");
  await note(4, "alal", { ok: 0 });
  await note(4, "alal", { action: "own-key.first-use" });
  await note(4, "root", { action: "key.rotate" });
  await note(5, "bobo");
  const counts = [0, 1, 2, 3, 4].map((since) => countOwnRotationsSince(store.db, 1, since));
  expect(counts).toEqual([3, 3, 2, 1, 0]);
  expect(countOwnRotationsSince(store.db, 2, 0)).toBe(1);
  expect(countOwnRotationsSince(store.db, 3, 0)).toBe(0);
});
