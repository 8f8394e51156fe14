// Tests of what a person is told when something went wrong.
import { describe, expect, test } from "bun:test";
import { ERROR_CODES, FetchmlError, isErrorCode } from "@fetchml/protocol";
import type { Output } from "./output.ts";
import { EXIT_BROKEN_PIPE, reportError } from "./report-error.ts";
import { VALID_KEY } from "./testing/samples.fixture.ts";

function told(thrown: unknown, debug = false): { readonly code: number; readonly text: string } {
  let text = "";
  const stderr: Output = { isTerminal: false, columns: 80, write: (data) => (text += data) };
  return { code: reportError(thrown, { stderr, debug }), text };
}

describe("reportError()", () => {
  test("answers the exit code of every error code", () => {
    for (const [code, { exit }] of Object.entries(ERROR_CODES)) {
      if (!isErrorCode(code)) throw new Error(code);
      expect(told(new FetchmlError(code, "x")).code).toBe(exit);
    }
  });

  test("tells at most three lines and no stack", () => {
    const { text } = told(new FetchmlError("conflict", "one\ntwo\nthree\nfour"));
    expect(text).toBe("one\ntwo\nthree\n");
  });

  test("takes anything else for a fault of the program and says how to report it", () => {
    const { code, text } = told(new TypeError("x is not a function\n  at y"));
    expect(code).toBe(1);
    expect(text).toStartWith("ml: a fault of the program: TypeError: x is not a function at y\n");
    expect(text).toContain("--debug");
    expect(text.trimEnd().split("\n")).toHaveLength(2);
    expect(told("a string").text).toContain("a string");
  });

  test("shows the stack and its causes with --debug, and never a key", () => {
    const cause = new Error(`cause with ${VALID_KEY}`);
    const error = new FetchmlError("unreachable", `lost ${VALID_KEY}`, { cause });
    const { text } = told(error, true);
    expect(text).toContain("code unreachable");
    expect(text).toContain("report-error.test.ts");
    expect(text).toContain("caused by Error: cause with");
    expect(text).not.toContain(VALID_KEY);
    expect(text).not.toContain(VALID_KEY.slice(-10));
  });

  test("says nothing when the reader has gone", () => {
    const error = Object.assign(new Error("EPIPE"), { code: "EPIPE" });
    expect(told(error)).toEqual({ code: EXIT_BROKEN_PIPE, text: "" });
  });
});
