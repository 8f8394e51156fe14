// Tests of the table of errors.
import { describe, expect, test } from "bun:test";
import { ERROR_CODES, errorCodeEntry, EXIT, isErrorCode, type ErrorCode } from "./error-code.ts";

// Object.keys() of a literal: the compiler forgets that they are its keys.
const CODES = Object.keys(ERROR_CODES) as readonly ErrorCode[];

describe("ERROR_CODES", () => {
  test("has a number of its own for every code", () => {
    const numbers = CODES.map((code) => ERROR_CODES[code].rpc);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test("has the numbers of JSON-RPC 2.0 for its five errors", () => {
    expect(ERROR_CODES["parse-error"].rpc).toBe(-32700);
    expect(ERROR_CODES["invalid-request"].rpc).toBe(-32600);
    expect(ERROR_CODES["method-not-found"].rpc).toBe(-32601);
    expect(ERROR_CODES["invalid-params"].rpc).toBe(-32602);
    expect(ERROR_CODES["internal-error"].rpc).toBe(-32603);
  });

  test("has its own numbers outside the range that JSON-RPC 2.0 reserves", () => {
    const own = CODES.map((code) => ERROR_CODES[code].rpc).filter((number) => number > -32_000);
    expect(own).toHaveLength(CODES.length - 5);
    for (const number of own) expect(number).toBeGreaterThan(1000);
  });

  for (const code of CODES) {
    const { meaning, exit, http } = errorCodeEntry(code);
    test(`says of ${code} what it means, and how a command and a request end`, () => {
      expect(code).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
      expect(meaning).toMatch(/^[A-Z].*\.$/);
      expect(Object.values<number>(EXIT).filter((each) => each !== EXIT.ok)).toContain(exit);
      expect(http).toBeWithin(400, 600);
    });
  }

  test("invites to try again only where that alone may help", () => {
    const retryable = CODES.filter((code) => errorCodeEntry(code).retryable === true);
    expect(retryable).toEqual(["too-many-failures", "disk-full", "shutting-down", "unreachable"]);
  });

  test("gives codes about keys exit 3, about what is not found exit 6", () => {
    for (const code of CODES) {
      const { exit } = errorCodeEntry(code);
      if (/^key-(?!not-found)/.test(code)) expect([code, exit]).toEqual([code, 3]);
      if (/^(?:job|user|key|log|data-folder)-not-found$/.test(code)) {
        expect([code, exit]).toEqual([code, 6]);
      }
    }
  });

  test("ends a command as the documentation says", () => {
    const exits = {
      "not-allowed": 3,
      "invalid-params": 2,
      usage: 2,
      "bad-file": 2,
      "ambiguous-job": 2,
      unreachable: 4,
      "shutting-down": 4,
      conflict: 5,
      "impossible-request": 5,
      "quota-exceeded": 5,
      interrupted: 130,
    } satisfies Partial<Record<ErrorCode, number>>;
    for (const [code, exit] of Object.entries(exits)) {
      expect([code, isErrorCode(code) && errorCodeEntry(code).exit]).toEqual([code, exit]);
    }
  });
});

describe("isErrorCode()", () => {
  test("knows every code and nothing that objects inherit", () => {
    for (const code of CODES) expect(isErrorCode(code)).toBe(true);
    for (const word of ["", "nonsense", "toString", "constructor", "__proto__"]) {
      expect(isErrorCode(word)).toBe(false);
    }
  });
});
