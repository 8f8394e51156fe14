// Keys while the database is locked, read-only or broken: nobody is let in who should not be, nobody is kept out by a note.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { IssuedKey } from "@fetchml/protocol";
import { Database } from "../store/database.ts";
import { DATABASE_FILE } from "../store/open-store.ts";
import { createLog } from "../telemetry/log.ts";
import { BOX, makeAuth, type AuthFixture } from "./auth.fixture.ts";
import { issueKey, listApiKeys, revokeKeys } from "./keys.ts";
import { rotateOwnKey } from "./own-keys.ts";
import { rotateKey } from "./rotate-key.ts";

let auth: AuthFixture;
let alice: IssuedKey;
let pending: { readonly api_key: string };
let lines: string[];

beforeEach(async () => {
  lines = [];
  const log = createLog({
    level: "debug",
    clock: { now: () => 0 },
    write: (line) => lines.push(line),
  });
  auth = makeAuth({ log });
  alice = await auth.give("alice");
  pending = await rotateOwnKey(auth, await show(alice), "10.0.0.1");
  await auth.authenticator.close();
});
afterEach(() => auth.close());

function show({ api_key }: { readonly api_key: string }) {
  const authorization = `Bearer ${api_key}`;
  return auth.authenticator.authenticate({ authorization, address: "10.0.0.1", client: null });
}

const troubles: Readonly<Record<string, () => () => void>> = {
  "read-only": () => {
    auth.db.runScript("PRAGMA query_only = ON");
    return () => auth.db.runScript("PRAGMA query_only = OFF");
  },
  "locked by another program": () => {
    const other = new Database(join(auth.dataDir, DATABASE_FILE));
    auth.db.runScript("PRAGMA busy_timeout = 0");
    other.runScript("BEGIN IMMEDIATE");
    return () => {
      other.runScript("ROLLBACK");
      other.close();
    };
  },
};

for (const [what, begin] of Object.entries(troubles)) {
  describe(`while the database is ${what}`, () => {
    test("a valid key is let in, though its use cannot be noted", async () => {
      const end = begin();
      auth.clock.advance(60_000);
      expect((await show(alice)).user).toBe("alice");
      await auth.authenticator.close();
      end();
      expect(lines.join("")).toContain("last-use-not-noted");
    });

    test("wrong keys are refused, though that cannot be audited", async () => {
      const end = begin();
      expect(await show({ api_key: "nonsense" }).catch((error: unknown) => error)).toMatchObject({
        code: "key-malformed",
      });
      await auth.authenticator.close();
      end();
      expect(lines.join("")).toContain("refusals-not-audited");
    });

    test("a pending key is not let in, and becomes the key afterwards", async () => {
      const end = begin();
      expect(await show(pending).catch((error: unknown) => error)).toBeInstanceOf(Error);
      end();
      expect((await show(pending)).user).toBe("alice");
    });

    test("no key is issued, rotated or revoked, and no connection closed", async () => {
      const ends: string[] = [];
      const live = {
        keyId: alice.id,
        userId: 1,
        expiresAt: null,
        end: (why: string) => ends.push(why),
      };
      auth.connections.add(live);
      const before = await listApiKeys(auth, "alice");
      const end = begin();
      expect(
        await issueKey(auth, BOX, { user: "alice" }).catch((error: unknown) => error),
      ).toBeInstanceOf(Error);
      expect(
        await rotateKey(auth, BOX, { id: alice.id, leaked: true }).catch((error: unknown) => error),
      ).toBeInstanceOf(Error);
      expect(
        await revokeKeys(auth, BOX, { user: "alice" }).catch((error: unknown) => error),
      ).toBeInstanceOf(Error);
      end();
      expect(ends).toEqual([]);
      expect(await listApiKeys(auth, "alice")).toEqual(before);
    });
  });
}

test("while the disk is full a valid key is let in, wrong ones are refused, and no key is half made", async () => {
  const pages = auth.db.get<{ page_count: number }>("PRAGMA page_count")?.page_count ?? 0;
  auth.db.runScript(`PRAGMA max_page_count = ${pages}`);
  const label = "x".repeat(64);
  let made = 0;
  const fill = async () => {
    for (; made < 10_000; made++) await issueKey(auth, BOX, { user: "alice", label });
  };
  expect(String(await fill().catch((error: unknown) => error))).toMatch(/full/);
  expect((await listApiKeys(auth, "alice")).filter((key) => key.label === label)).toHaveLength(
    made,
  );
  auth.clock.advance(60_000);
  expect((await show(alice)).user).toBe("alice");
  expect(await show({ api_key: "nonsense" }).catch((error: unknown) => error)).toMatchObject({
    code: "key-malformed",
  });
  await auth.authenticator.close();
  auth.db.runScript("PRAGMA max_page_count = 1000000");
  await issueKey(auth, BOX, { user: "alice", label });
  expect(await show(alice)).toMatchObject({ user: "alice" });
});

test("while the table of keys cannot be read nobody is let in", async () => {
  auth.db.runScript("ALTER TABLE api_keys RENAME TO lost");
  expect(await show(alice).catch((error: unknown) => error)).toBeInstanceOf(Error);
  expect(await show({ api_key: "nonsense" }).catch((error: unknown) => error)).toMatchObject({
    code: "key-malformed",
  });
});
