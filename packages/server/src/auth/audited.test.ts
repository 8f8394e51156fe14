// What the audit calls the target of an act: what was asked for, and once it is done what was made.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { auditRows, BOX, makeAuth, type AuthFixture } from "./auth.fixture.ts";
import { issueKey } from "./keys.ts";
import { rotateKey } from "./rotate-key.ts";

let auth: AuthFixture;

beforeEach(() => {
  auth = makeAuth();
});
afterEach(() => auth.close());

const last = () => auditRows(auth.db).at(-1);

describe("the audit", () => {
  test("names a new key by its id once there is one", async () => {
    const alice = await auth.give("alice");
    expect(last()).toMatchObject({ ok: 1, target: `alice ${alice.id}` });
    const fresh = await rotateKey(auth, BOX, { id: alice.id });
    expect(last()).toMatchObject({ ok: 1, target: `${alice.id} -> ${fresh.id}` });
  });

  test("of a refused issue or rotation names no key that never was", async () => {
    await issueKey(auth, BOX, { user: "bob" }).catch(() => undefined);
    expect(last()).toMatchObject({ action: "key.issue", ok: 0, target: "bob" });
    await rotateKey(auth, BOX, { user: "bob" }).catch(() => undefined);
    expect(last()).toMatchObject({ action: "key.rotate", ok: 0, target: "bob" });
    await rotateKey(auth, BOX, { id: "zzzz" }).catch(() => undefined);
    expect(last()).toMatchObject({ action: "key.rotate", ok: 0, target: "zzzz" });
  });
});
