// Users: added, changed, removed, with a row in the audit for each.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { jobOfAlice } from "./job.fixture.ts";
import { auditRows, BOX, makeAuth, type AuthFixture } from "./auth.fixture.ts";
import { issueKey, listApiKeys } from "./keys.ts";
import { disableUser, enableUser, removeUser, setUserRole } from "./user-changes.ts";
import { addUser, listUsers } from "./users.ts";

let auth: AuthFixture;
beforeEach(async () => {
  auth = makeAuth();
  await addUser(auth, BOX, { name: "alice", role: "member" });
});
afterEach(() => auth.close());

const connect = (userId: number) => {
  const ends: string[] = [];
  auth.connections.add({
    keyId: "kpaz",
    userId,
    expiresAt: null,
    end: (why) => ends.push(why),
  });
  return ends;
};

describe("addUser()", () => {
  test("answers the new user without keys", async () => {
    expect(await addUser(auth, BOX, { name: "bob", role: "viewer" })).toEqual({
      name: "bob",
      role: "viewer",
      created_at: auth.clock.now(),
      disabled_at: null,
      key_count: 0,
    });
  });

  test("refuses a name that is somebody's, and says what else to do", async () => {
    expect(
      await addUser(auth, BOX, { name: "alice", role: "admin" }).catch((error: unknown) => error),
    ).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("fetchml user set-role alice"),
    });
  });

  test("refuses the name of a removed user", async () => {
    await removeUser(auth, BOX, "alice");
    expect(
      await addUser(auth, BOX, { name: "alice", role: "member" }).catch((error: unknown) => error),
    ).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("stays taken"),
    });
  });
});

describe("listUsers()", () => {
  test("lists users by name and counts the keys that are valid now", async () => {
    await addUser(auth, BOX, { name: "adam", role: "admin" });
    await issueKey(auth, BOX, { user: "alice" });
    await issueKey(auth, BOX, { user: "alice", valid_ms: 60_000 });
    auth.clock.advance(60_000);
    const users = await listUsers(auth);
    expect(users.map(({ name, key_count }) => [name, key_count])).toEqual([
      ["adam", 0],
      ["alice", 1],
    ]);
  });

  test("leaves out removed users", async () => {
    await removeUser(auth, BOX, "alice");
    expect(await listUsers(auth)).toEqual([]);
  });
});

describe("setUserRole()", () => {
  test("changes the role and ends the user's connections before it resolves", async () => {
    const ends = connect(1);
    const others = connect(2);
    const change = await setUserRole(auth, BOX, { name: "alice", role: "admin" });
    expect(change).toMatchObject({ user: { role: "admin" }, closed_connections: 1 });
    expect(ends).toEqual(["role-changed"]);
    expect(others).toEqual([]);
  });

  test("ends nothing when the role is the same", async () => {
    const ends = connect(1);
    const change = await setUserRole(auth, BOX, { name: "alice", role: "member" });
    expect(change.closed_connections).toBe(0);
    expect(ends).toEqual([]);
  });
});

describe("disableUser() and enableUser()", () => {
  test("shut out and let in again, with the keys kept", async () => {
    await issueKey(auth, BOX, { user: "alice" });
    const ends = connect(1);
    const { user, closed_connections } = await disableUser(auth, BOX, "alice");
    expect([user.disabled_at, user.key_count, closed_connections]).toEqual([
      auth.clock.now(),
      1,
      1,
    ]);
    expect(ends).toEqual(["user-disabled"]);
    expect((await enableUser(auth, BOX, "alice")).disabled_at).toBeNull();
  });

  test("keep the first time when disabled twice", async () => {
    const first = auth.clock.now();
    await disableUser(auth, BOX, "alice");
    auth.clock.advance(1000);
    expect((await disableUser(auth, BOX, "alice")).user.disabled_at).toBe(first);
  });

  test("do not bring back a removed user", async () => {
    await removeUser(auth, BOX, "alice");
    expect(await enableUser(auth, BOX, "alice").catch((error: unknown) => error)).toMatchObject({
      code: "user-not-found",
      message: expect.stringContaining("fetchml user add NAME"),
    });
  });
});

describe("removeUser()", () => {
  test("revokes the keys and ends the connections", async () => {
    const { id } = await issueKey(auth, BOX, { user: "alice" });
    const ends = connect(1);
    expect(await removeUser(auth, BOX, "alice")).toMatchObject({ closed_connections: 1 });
    expect(ends).toEqual(["user-removed"]);
    const keys = await listApiKeys(auth, undefined);
    expect(keys.map((key) => [key.id, key.revoked_at])).toEqual([[id, auth.clock.now()]]);
  });

  test("refuses while the user has unfinished jobs, and names them", async () => {
    const { id } = await issueKey(auth, BOX, { user: "alice" });
    const jobId = await jobOfAlice(auth);
    expect(await removeUser(auth, BOX, "alice").catch((error: unknown) => error)).toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`ml cancel ${jobId}`),
    });
    const [key] = await listApiKeys(auth, "alice");
    expect(key).toMatchObject({ id, revoked_at: null });
  });
});

describe("the audit", () => {
  test("has a row for every act and every refusal, in order", async () => {
    await setUserRole(
      auth,
      { actor: "kpaz", address: "10.0.0.1" },
      { name: "alice", role: "admin" },
    );
    await addUser(auth, BOX, { name: "alice", role: "member" }).catch(() => undefined);
    await disableUser(auth, BOX, "nobody").catch(() => undefined);
    expect(auditRows(auth.db)).toEqual([
      { actor: "root", action: "user.add", target: "alice", ok: 1, reason: null },
      { actor: "kpaz", action: "user.set-role", target: "alice admin", ok: 1, reason: null },
      { actor: "root", action: "user.add", target: "alice", ok: 0, reason: "conflict" },
      { actor: "root", action: "user.disable", target: "nobody", ok: 0, reason: "user-not-found" },
    ]);
  });

  test("and the act are stored together or not at all", async () => {
    auth.db.runScript(
      "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END",
    );
    const ends = connect(1);
    expect(
      String(await disableUser(auth, BOX, "alice").catch((error: unknown) => error)),
    ).toContain("full");
    auth.db.runScript("DROP TRIGGER full");
    expect((await listUsers(auth))[0]?.disabled_at).toBeNull();
    expect(ends).toEqual([]);
  });
});
