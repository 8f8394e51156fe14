// What the server's log is told of refused keys, however often they come.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { IssuedKey } from "@fetchml/protocol";
import { createLog } from "../telemetry/log.ts";
import { BOX, makeAuth, type AuthFixture } from "./auth.fixture.ts";
import { revokeKeys } from "./keys.ts";

let lines: string[] = [];
let auth: AuthFixture;
let alice: IssuedKey;

beforeEach(async () => {
  lines = [];
  const clock = { now: () => 0 };
  auth = makeAuth({
    log: createLog({ level: "debug", clock, write: (line) => lines.push(line) }),
  });
  alice = await auth.give("alice");
});
afterEach(() => auth.close());

const codeOf = (key: string): Promise<unknown> =>
  auth.authenticator
    .authenticate({ authorization: `Bearer ${key}`, address: "127.0.0.1", client: null })
    .then(
      () => "ok",
      ({ code }: { code: unknown }) => code,
    );
const refusals = () => lines.filter((line) => line.includes("key-refused")).length;

describe("the log", () => {
  test("gets few lines of a key that has ended, while its holder is told each time what has become of it", async () => {
    await revokeKeys(auth, BOX, { id: alice.id });
    const codes = new Set<unknown>();
    for (let i = 0; i < 1_000; i++) codes.add(await codeOf(alice.api_key));
    expect([...codes]).toEqual(["key-revoked"]);
    expect(refusals()).toBe(20);
    auth.clock.advance(3_000);
    await codeOf(alice.api_key);
    expect(refusals()).toBe(21);
  });

  test("is told of wrong keys, however often one that has ended came from the same address", async () => {
    await revokeKeys(auth, BOX, { id: alice.id });
    for (let i = 0; i < 100; i++) await codeOf(alice.api_key);
    expect(await codeOf("nonsense")).toBe("key-malformed");
    expect(refusals()).toBe(21);
  });
});
