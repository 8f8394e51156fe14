// The last use of a key is noted seldom, late, and never in the way.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { IssuedKey } from "@fetchml/protocol";
import { createLog } from "../telemetry/log.ts";
import { makeAuth, type AuthFixture } from "./auth.fixture.ts";
import { listApiKeys } from "./keys.ts";
import { LAST_USE_INTERVAL_MS, LastUse } from "./last-use.ts";

let auth: AuthFixture;
let alice: IssuedKey;
let lines: string[] = [];
let lastUse: LastUse;

beforeEach(async () => {
  lines = [];
  auth = makeAuth();
  alice = await auth.give("alice");
  const log = createLog({ level: "debug", clock: auth.clock, write: (line) => lines.push(line) });
  lastUse = new LastUse({ db: auth.db, clock: auth.clock, log });
});
afterEach(() => auth.close());

async function noted() {
  await lastUse.close();
  const [key] = await listApiKeys(auth, "alice");
  return [key?.last_used_at, key?.last_used_address, key?.last_used_client];
}

describe("LastUse", () => {
  test("notes time, address and client", async () => {
    lastUse.note(alice.id, { address: "10.0.0.1", client: "ml/0.1.0 linux" });
    expect(await noted()).toEqual([auth.clock.now(), "10.0.0.1", "ml/0.1.0 linux"]);
  });

  test("notes a key again only after 30 s", async () => {
    const first = auth.clock.now();
    lastUse.note(alice.id, { address: "10.0.0.1", client: null });
    await noted();
    auth.clock.advance(LAST_USE_INTERVAL_MS - 1);
    lastUse.note(alice.id, { address: "10.0.0.2", client: null });
    expect(await noted()).toEqual([first, "10.0.0.1", null]);
    auth.clock.advance(1);
    lastUse.note(alice.id, { address: "10.0.0.3", client: null });
    expect(await noted()).toEqual([first + LAST_USE_INTERVAL_MS, "10.0.0.3", null]);
  });

  test("writes by itself within a few seconds", async () => {
    lastUse.note(alice.id, { address: "10.0.0.1", client: null });
    const deadline = Date.now() + 5_000;
    for (;;) {
      const [key] = await listApiKeys(auth, "alice");
      if (key?.last_used_at !== null) break;
      if (Date.now() > deadline) throw new Error("it was never written");
      await Bun.sleep(20);
    }
  });

  test("keeps a client's name short, printable and free of keys", async () => {
    lastUse.note(alice.id, {
      address: "a",
      client: `ml \u001b[31m${alice.api_key} ${"x".repeat(200)}`,
    });
    const [, , client] = await noted();
    expect(client).toMatch(/^ml \?\[31mfetchml_/);
    expect(client).not.toContain(alice.api_key);
    expect(client).toHaveLength(80);
  });

  test("fails nothing when the note fails, and says so in the log", async () => {
    auth.db.runScript(
      "CREATE TRIGGER full BEFORE UPDATE ON api_keys BEGIN SELECT RAISE(ABORT, 'full'); END",
    );
    lastUse.note(alice.id, { address: "10.0.0.1", client: null });
    await lastUse.close();
    expect(lines.join("")).toContain("last-use-not-noted");
  });
});
