// Wrong keys are slowed down; right ones never.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { FetchmlError, generateApiKey, type ErrorCode } from "@fetchml/protocol";
import { makeAuth, TestClock, type AuthFixture } from "./auth.fixture.ts";
import { systemRandomBytes } from "./context.ts";
import { FailureLimit } from "./failure-limit.ts";

describe("FailureLimit", () => {
  test("answers a burst in full, then tells how long to wait", () => {
    const clock = new TestClock();
    const limit = new FailureLimit(clock);
    const waits = Array.from({ length: 21 }, () => limit.note("10.0.0.1", null));
    expect(waits.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 0));
    expect(waits[20]).toBe(3_000);
    clock.advance(3_000);
    expect(limit.note("10.0.0.1", null)).toBe(0);
    expect(limit.note("10.0.0.1", null)).toBe(3_000);
  });

  test("counts each address and each key id for itself", () => {
    const limit = new FailureLimit(new TestClock());
    for (let i = 0; i < 20; i++) limit.note("10.0.0.1", null);
    expect(limit.note("10.0.0.2", null)).toBe(0);
    for (let i = 0; i < 20; i++) limit.note(`10.0.1.${i}`, "kpaz");
    expect(limit.note("10.0.2.1", "kpaz")).toBeGreaterThan(0);
    expect(limit.note("10.0.2.1", "0000")).toBe(0);
  });

  test("survives a clock that is set back", () => {
    const clock = new TestClock();
    const limit = new FailureLimit(clock);
    limit.note("10.0.0.1", null);
    clock.advance(-1_000_000_000);
    expect(limit.note("10.0.0.1", null)).toBe(0);
  });

  test("does not grow without bound", () => {
    const limit = new FailureLimit(new TestClock());
    for (let i = 0; i < 20; i++) limit.note("10.0.0.1", null);
    expect(limit.note("10.0.0.1", null)).toBeGreaterThan(0);
    // 10,000 others later the first is forgotten, which is how its absence can be seen from outside.
    for (let i = 0; i < 10_000; i++) limit.note(`other ${i}`, null);
    expect(limit.note("10.0.0.1", null)).toBe(0);
  });
});

describe("authenticate() behind many failures", () => {
  let auth: AuthFixture;
  beforeEach(() => {
    auth = makeAuth();
  });
  afterEach(() => auth.close());

  const codes = (authorization: string, times: number): Promise<(ErrorCode | "ok")[]> =>
    Promise.all(
      Array.from({ length: times }, async () => {
        try {
          await show(authorization);
          return "ok";
        } catch (error) {
          if (error instanceof FetchmlError) return error.code;
          throw error;
        }
      }),
    );

  const show = (authorization: string) =>
    auth.authenticator.authenticate({ authorization, address: "127.0.0.1", client: null });

  test("answers too-many-failures with the seconds to wait", async () => {
    const wrong = generateApiKey({ id: "kpaz", randomBytes: systemRandomBytes });
    expect((await codes(`Bearer ${wrong}`, 21)).at(-1)).toBe("too-many-failures");
    expect(await show("Bearer x").catch((error: unknown) => error)).toMatchObject({
      code: "too-many-failures",
      details: { retry_after_s: 3 },
    });
  });

  test("lets a valid key in all the same, from the same address and of the same id", async () => {
    const alice = await auth.give("alice");
    const wrong = generateApiKey({ id: alice.id, randomBytes: systemRandomBytes });
    expect((await codes(`Bearer ${wrong}`, 100)).at(-1)).toBe("too-many-failures");
    expect(await codes(`Bearer ${alice.api_key}`, 3)).toEqual(["ok", "ok", "ok"]);
  });

  test("goes on telling the holder of an expired key what has become of it", async () => {
    const alice = await auth.give("alice", "member", 60_000);
    auth.clock.advance(60_000);
    expect((await codes(`Bearer ${alice.api_key}`, 30)).at(-1)).toBe("key-expired");
  });
});
