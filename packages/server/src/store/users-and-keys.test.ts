// Tests of the statements about users, keys, snapshots, attempts and the audit.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  insertKey,
  keyById,
  keyForCheck,
  keyIdExists,
  listKeys,
  noteUse,
  revokeKey,
} from "./api-keys.ts";
import { insertAudit } from "./audit.ts";
import { attemptsOf, endAttempt, gpusOfAttempt, insertAttempt } from "./attempts.ts";
import { insertJob } from "./jobs-write.ts";
import { heldBlobs, holdsSnapshot, recordBlobs, recordSnapshot } from "./snapshot-holders.ts";
import { newJob, openTempStore, rejectionOf, type TempStore } from "./store.fixture.ts";
import {
  insertUser,
  listUsers,
  setDisabledAt,
  setRemovedAt,
  setRole,
  userByName,
} from "./users.ts";

const ALICE = 1;
const BOB = 2;

let store: TempStore;

beforeEach(async () => {
  store = openTempStore();
  await write(() => {
    insertUser(store.db, { name: "bob", role: "viewer", created_at: 5 });
    store.db.run("UPDATE users SET id = 2");
    store.db.run("INSERT INTO users (id, name, role, created_at) VALUES (1, 'alice', 'member', 6)");
  });
});

afterEach(() => store.close());

const write = <T>(work: () => T) => store.db.write(work);

describe("users", () => {
  test("are listed by name without those removed, who keep their name", async () => {
    expect(listUsers(store.db).map(({ name }) => name)).toEqual(["alice", "bob"]);
    await write(() => setRemovedAt(store.db, BOB, 9));
    expect(listUsers(store.db).map(({ name }) => name)).toEqual(["alice"]);
    expect(userByName(store.db, "bob")).toMatchObject({ id: BOB, removed_at: 9 });
  });

  test("change role and are disabled one at a time", async () => {
    await write(() => {
      setRole(store.db, BOB, "admin");
      setDisabledAt(store.db, BOB, 7);
    });
    expect(userByName(store.db, "bob")).toMatchObject({ role: "admin", disabled_at: 7 });
    expect(userByName(store.db, "alice")).toMatchObject({ role: "member", disabled_at: null });
    await write(() => setDisabledAt(store.db, BOB, null));
    expect(userByName(store.db, "bob")?.disabled_at).toBeNull();
    expect(userByName(store.db, "carol")).toBeNull();
  });
});

describe("keys", () => {
  const key = { user_id: ALICE, label: "laptop", created_at: 1, expires_at: 100 };
  const addKeys = () =>
    write(() => {
      insertKey(store.db, { ...key, id: "aaaa", api_key_hash: "a".repeat(64) });
      insertKey(store.db, { ...key, id: "bbbb", api_key_hash: "b".repeat(64), user_id: BOB });
    });

  test("are found by id with all that authentication asks", async () => {
    await addKeys();
    expect(keyForCheck(store.db, "aaaa")).toMatchObject({
      id: "aaaa",
      api_key_hash: "a".repeat(64),
      label: "laptop",
      expires_at: 100,
      revoked_at: null,
      user_id: ALICE,
      user: "alice",
      role: "member",
      disabled_at: null,
      removed_at: null,
    });
    expect(keyForCheck(store.db, "cccc")).toBeNull();
    expect(["aaaa", "cccc"].map((id) => keyIdExists(store.db, id))).toEqual([true, false]);
  });

  test("are shown without their hash", async () => {
    await addKeys();
    expect(listKeys(store.db, null).map(({ id }) => id)).toEqual(["aaaa", "bbbb"]);
    expect(listKeys(store.db, BOB).map(({ id }) => id)).toEqual(["bbbb"]);
    for (const shown of [...listKeys(store.db, null), keyById(store.db, "aaaa")]) {
      expect(JSON.stringify(shown)).not.toMatch(/a{64}|b{64}|hash/);
    }
  });

  test("are revoked once, and that time stays", async () => {
    await addKeys();
    expect(await write(() => revokeKey(store.db, "aaaa", 50))).toBe(true);
    expect(await write(() => revokeKey(store.db, "aaaa", 60))).toBe(false);
    expect(await write(() => revokeKey(store.db, "cccc", 60))).toBe(false);
    expect(keyById(store.db, "aaaa")?.revoked_at).toBe(50);
    expect(keyById(store.db, "bbbb")?.revoked_at).toBeNull();
  });

  test("tell of their last use", async () => {
    await addKeys();
    await write(() => noteUse(store.db, "aaaa", { at: 70, address: "127.0.0.1", client: "ml/1" }));
    expect(keyById(store.db, "aaaa")).toMatchObject({
      last_used_at: 70,
      last_used_address: "127.0.0.1",
      last_used_client: "ml/1",
    });
    expect(keyById(store.db, "bbbb")?.last_used_at).toBeNull();
  });

  test("share neither id nor hash", async () => {
    await addKeys();
    const again = { ...key, id: "aaaa", api_key_hash: "c".repeat(64) };
    const sameHash = { ...key, id: "dddd", api_key_hash: "a".repeat(64) };
    for (const taken of [again, sameHash]) {
      expect((await rejectionOf(write(() => insertKey(store.db, taken))))?.message).toContain(
        "UNIQUE",
      );
    }
  });
});

describe("blobs and snapshots", () => {
  const [one, two, three] = ["1".repeat(64), "2".repeat(64), "3".repeat(64)] as const;

  test("exist only for the user who sent them", async () => {
    await write(() => {
      recordBlobs(store.db, ALICE, [one, two]);
      recordSnapshot(store.db, ALICE, { id: three, created_at: 1, file_count: 2, size_bytes: 3 });
    });
    expect(heldBlobs(store.db, ALICE, [one, two, three])).toEqual(new Set([one, two]));
    expect(heldBlobs(store.db, BOB, [one, two, three])).toEqual(new Set());
    expect(holdsSnapshot(store.db, ALICE, three)).toBe(true);
    expect(holdsSnapshot(store.db, BOB, three)).toBe(false);
    expect(holdsSnapshot(store.db, ALICE, one)).toBe(false);
  });

  test("may be sent again, and by another user too", async () => {
    const snapshot = { id: three, created_at: 1, file_count: 2, size_bytes: 3 };
    for (const user of [ALICE, ALICE, BOB]) {
      await write(() => {
        recordBlobs(store.db, user, [one, one]);
        recordSnapshot(store.db, user, { ...snapshot, created_at: user });
      });
    }
    expect(heldBlobs(store.db, BOB, [one])).toEqual(new Set([one]));
    expect(holdsSnapshot(store.db, BOB, three)).toBe(true);
    expect(store.db.all("SELECT created_at FROM snapshots")).toEqual([{ created_at: 1 }]);
  });

  test("are asked for by none as well as by a thousand", () => {
    expect(heldBlobs(store.db, ALICE, [])).toEqual(new Set());
    const many = Array.from({ length: 1000 }, (_, index) => String(index).padStart(64, "0"));
    expect(heldBlobs(store.db, ALICE, many)).toEqual(new Set());
  });
});

describe("attempts", () => {
  test("are told first to last, and end once", async () => {
    const outcome = { kind: "exited", exit_code: 1 } as const;
    const peak = { peak_mem_bytes: 2 ** 40, peak_mem_of: "process" } as const;
    await write(() => {
      const job_id = insertJob(store.db, newJob());
      insertAttempt(store.db, { job_id, number: 2, started_at: 20 }, ["B", "A"]);
      insertAttempt(store.db, { job_id, number: 1, started_at: 10 }, []);
      endAttempt(
        store.db,
        { job_id, number: 1 },
        { ended_at: 15, outcome: JSON.stringify(outcome), peak },
      );
      endAttempt(store.db, { job_id, number: 1 }, { ended_at: 99, outcome: "{}" });
    });
    expect(attemptsOf(store.db, 1)).toEqual([
      { number: 1, started_at: 10, ended_at: 15, gpu_uuids: [], outcome, ...peak },
      { number: 2, started_at: 20, ended_at: null, gpu_uuids: ["B", "A"], outcome: null },
    ]);
    expect(gpusOfAttempt(store.db, 1, 2)).toEqual(["B", "A"]);
    expect(gpusOfAttempt(store.db, 1, 3)).toEqual([]);
  });
});

test("insertAudit() adds a row with all it was told", async () => {
  const entry = {
    at: 1,
    actor: "ab12",
    action: "user.add",
    target: "carol",
    address: null,
    ok: 0,
    reason: "conflict",
  } as const;
  await write(() => insertAudit(store.db, entry));
  expect(store.db.get("SELECT * FROM audit")).toEqual({ id: 1, ...entry });
});
