// The text of a frame becomes requests as JSON-RPC 2.0 has it.
import { describe, expect, test } from "bun:test";
import { MOST_IN_BATCH, readFrame } from "./requests.ts";

const good = { jsonrpc: "2.0", id: 1, method: "user.whoami" };

function only(value: unknown) {
  return readFrame(JSON.stringify(value)).requests[0];
}

describe("readFrame()", () => {
  test("reads a request", () => {
    expect(readFrame('{"jsonrpc":"2.0","id":"a","method":"x","params":{"b":1}}')).toEqual({
      isBatch: false,
      requests: [{ id: "a", method: "x", params: { b: 1 } }],
    });
  });

  test("tells a notification from a request whose id is null", () => {
    expect(only({ jsonrpc: "2.0", method: "x" })).toMatchObject({ id: undefined });
    expect(only({ jsonrpc: "2.0", method: "x", id: null })).toMatchObject({ id: null });
  });

  test("calls a parse error what is not JSON, however deep", () => {
    for (const text of ["", "{", "nope", "\u0000", "[".repeat(65_536), '{"a":'.repeat(10_000)]) {
      expect(readFrame(text).requests).toMatchObject([
        { id: null, error: { code: "parse-error" } },
      ]);
    }
  });

  const wrong: readonly (readonly [string, unknown, unknown])[] = [
    ["a number", 1, null],
    ["null", null, null],
    ["a request of another version", { ...good, jsonrpc: "1.0" }, 1],
    ["a request without a version", { id: 1, method: "x" }, 1],
    ["a request without a method", { jsonrpc: "2.0", id: 1 }, 1],
    ["a method that is no text", { ...good, method: 5 }, 1],
    ["an id that is an object", { ...good, id: {} }, null],
    ["an id that is true", { ...good, id: true }, null],
    ["parameters that are a number", { ...good, params: 5 }, 1],
    ["parameters that are null", { ...good, params: null }, 1],
  ];
  for (const [what, value, id] of wrong) {
    test(`refuses ${what} under the id it has`, () => {
      expect(only(value)).toMatchObject({ id, error: { code: "invalid-request" } });
    });
  }

  test("reads a batch, the bad ones among it too", () => {
    const frame = readFrame(JSON.stringify([good, 1, { ...good, id: 2 }]));
    expect(frame.isBatch).toBe(true);
    expect(frame.requests).toMatchObject([
      { id: 1, method: "user.whoami" },
      { id: null, error: { code: "invalid-request" } },
      { id: 2 },
    ]);
  });

  test("refuses an empty batch and one that is too long with a single error", () => {
    for (const batch of [[], Array.from({ length: MOST_IN_BATCH + 1 }, () => good)]) {
      const frame = readFrame(JSON.stringify(batch));
      expect(frame).toMatchObject({
        isBatch: false,
        requests: [{ id: null, error: { code: "invalid-request" } }],
      });
    }
    const longest = Array.from({ length: MOST_IN_BATCH }, () => good);
    expect(readFrame(JSON.stringify(longest)).requests).toHaveLength(MOST_IN_BATCH);
  });
});
