// The log's lines, and what never stands in them.
import { describe, expect, test } from "bun:test";
import { FetchmlError, generateApiKey, hashApiKey } from "@fetchml/protocol";
import { randomBytes } from "node:crypto";
import { createLog, type LogLevel } from "./log.ts";

const key = generateApiKey({ id: "kpaz", randomBytes: (count) => randomBytes(count) });

function logTo(lines: string[], level: LogLevel = "debug") {
  return createLog({ level, clock: { now: () => 0 }, write: (line) => lines.push(line) });
}

describe("createLog()", () => {
  test("writes one line of JSON with time, level, event and fields", () => {
    const lines: string[] = [];
    logTo(lines).info("server-started", { port: 9100 });
    expect(lines).toEqual([
      '{"at":"1970-01-01T00:00:00.000Z","level":"info","event":"server-started","port":9100}\n',
    ]);
  });

  test("drops events below its level", () => {
    const lines: string[] = [];
    const log = logTo(lines, "warn");
    log.debug("a");
    log.info("b");
    log.warn("c");
    log.error("d");
    expect(lines.join("")).toMatch(/^[^\n]*"event":"c"[^\n]*\n[^\n]*"event":"d"[^\n]*\n$/);
  });

  test("keeps a line break in a field from making a second line", () => {
    const lines: string[] = [];
    logTo(lines).info("x", { text: 'a\n{"event":"forged"}' });
    expect(lines.join("").trimEnd().split("\n")).toHaveLength(1);
  });

  test("lets no field pass itself off as level or event", () => {
    const lines: string[] = [];
    logTo(lines).info("real", { event: "forged", level: "debug" });
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ event: "real", level: "info" });
  });

  test("writes an error with its stack and its cause", () => {
    const lines: string[] = [];
    logTo(lines).error("failed", {
      error: new FetchmlError("conflict", "no", { cause: new Error("inner") }),
    });
    const { error } = JSON.parse(lines[0] ?? "");
    expect(error).toMatchObject({
      code: "conflict",
      message: "no",
      cause: { message: "inner" },
    });
    expect(error.stack).toContain("log.test.ts");
  });

  test("survives a value that holds itself", () => {
    const lines: string[] = [];
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    logTo(lines).info("loop", { loop });
    expect(JSON.parse(lines[0] ?? "").event).toBe("loop");
  });
});

describe("redact()", () => {
  const hash = hashApiKey(key);
  const spoken = key
    .slice(8)
    .replace(/(.{4})/g, "$1 ")
    .trim();
  const cases: Readonly<Record<string, unknown>> = {
    "a key in text": { text: `user sent ${key} here` },
    "a key as a field's name": { [key]: 1 },
    "a key deep in arrays": { list: [[{ deep: key }]] },
    "a key in an error": { error: new Error(`bad ${key}`, { cause: new Error(key) }) },
    "a key after a line break": { text: `\n${key}` },
    "a key in groups after its prefix": { text: `fetchml_${spoken}` },
    "an Authorization header": { text: `Authorization: Bearer ${key.slice(8)}` },
    "a hash": { text: `api_key_hash = ${hash}` },
    "a hash in upper case": { text: hash.toUpperCase() },
    "a field called api_key": { api_key: key.slice(8), api_key_hash: "abc", authorization: "abc" },
  };
  for (const [what, fields] of Object.entries(cases)) {
    test(`hides ${what}`, () => {
      const lines: string[] = [];
      logTo(lines).info("x", fields as Record<string, unknown>);
      const line = (lines[0] ?? "").toLowerCase();
      expect(line).toContain("[hidden]");
      for (const secret of [key, key.slice(12), spoken, hash, '"abc"']) {
        expect(line).not.toContain(secret);
      }
    });
  }

  test("keeps the public id of a key", () => {
    const lines: string[] = [];
    logTo(lines).info("x", { text: key });
    expect(lines[0]).toContain("fetchml_kpaz…[hidden]");
  });
});
