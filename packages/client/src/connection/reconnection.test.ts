// Tests of coming back after a loss: when it tries, how long it waits, and when it stops.
import { describe, expect, test } from "bun:test";
import { FetchmlError, type ErrorCode } from "@fetchml/protocol";
import type { Client } from "../client.ts";
import type { Link } from "./link.ts";
import { Reconnection } from "./reconnection.ts";
import { testPace } from "./test-pace.fixture.ts";

const LOST = new FetchmlError("unreachable", "lost");

describe("Reconnection", () => {
  test("doubles its pauses from 250 ms to 5 s", async () => {
    const pace = testPace();
    const link = linkThatFails(7, "unreachable");
    await new Reconnection(link, { pace }).again(LOST);
    expect(pace.pauses.map(Math.round)).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
  });

  test("lets chance shorten a pause to no less than half", async () => {
    const pace = testPace(0);
    await new Reconnection(linkThatFails(1, "shutting-down"), { pace }).again(LOST);
    expect(pace.pauses).toEqual([125, 250]);
  });

  test("gives up ten minutes after the loss unless told otherwise", async () => {
    const pace = testPace();
    const error = failureOf(
      new Reconnection(linkThatFails(9999, "unreachable"), { pace }).again(LOST),
    );
    expect((await error).code).toBe("unreachable");
    expect(pace.now()).toBeGreaterThanOrEqual(600_000);
    expect(pace.now()).toBeLessThan(606_000);
    const short = testPace();
    const link = linkThatFails(9999, "unreachable");
    await failureOf(new Reconnection(link, { pace: short, giveUpAfterMs: 1000 }).again(LOST));
    expect(short.now()).toBeLessThan(3000);
  });

  for (const code of ["key-revoked", "key-invalid", "protocol-mismatch", "not-fetchml"] as const) {
    test(`does not try again after ${code}`, async () => {
      const pace = testPace();
      const error = new FetchmlError(code, "no");
      expect(await failureOf(new Reconnection(linkThatFails(0, code), { pace }).again(error))).toBe(
        error,
      );
      expect(pace.pauses).toEqual([]);
      const reconnection = new Reconnection(linkThatFails(1, code), { pace });
      expect((await failureOf(reconnection.again(LOST))).code).toBe(code);
      expect(pace.pauses).toHaveLength(1);
    });
  }

  test("begins with short pauses again only after a connection that lasted", async () => {
    const pace = testPace();
    const reconnection = new Reconnection(linkThatFails(0, "unreachable"), { pace });
    await reconnection.again(LOST);
    await reconnection.again(LOST);
    await pace.delay(6000);
    await reconnection.again(LOST);
    expect(pace.pauses.map(Math.round)).toEqual([250, 500, 6000, 250]);
  });

  test("tells of each failure, and of the way back once", async () => {
    const told: string[] = [];
    const reconnection = new Reconnection(linkThatFails(1, "shutting-down"), {
      pace: testPace(),
      onLost: (error, ms) => told.push(`${error.code} ${Math.round(ms)}`),
      onBack: () => told.push("back"),
    });
    await reconnection.again(LOST);
    expect(told).toEqual(["unreachable 250", "shutting-down 500", "back"]);
  });
});

/** A link that fails so many times, then gives a client that is never used. */
function linkThatFails(times: number, code: ErrorCode): Link {
  let left = times;
  return {
    client: async () => {
      if (left-- > 0) throw new FetchmlError(code, "failed");
      return {} as Client;
    },
    close: () => undefined,
  };
}

async function failureOf(work: Promise<unknown>): Promise<FetchmlError> {
  const error: unknown = await work.catch((cause: unknown) => cause);
  if (error instanceof FetchmlError) return error;
  throw new Error(`not a FetchmlError: ${String(error)}`);
}
