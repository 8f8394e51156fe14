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

describe("lines that cannot be written", () => {
  const events = (lines: readonly string[]): unknown[] =>
    lines
      .join("")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));

  function logThatFails(lines: string[], fails: () => boolean) {
    const full = new Error("no space left on device");
    return createLog({
      level: "info",
      clock: { now: () => 0 },
      write: (line, done) => {
        if (fails()) return done(full);
        lines.push(line);
        done(null);
      },
    });
  }

  test("are lost, and the next that can be written has one before it that counts them", () => {
    const lines: string[] = [];
    let isFull = true;
    const log = logThatFails(lines, () => isFull);
    for (let count = 0; count < 3; count++) log.info("lost");
    isFull = false;
    log.info("kept");
    log.info("kept-too");
    expect(events(lines)).toMatchObject([
      { level: "warn", event: "log-lines-lost", count: 3 },
      { event: "kept" },
      { event: "kept-too" },
    ]);
  });

  test("do not count what the level drops", () => {
    const lines: string[] = [];
    let isFull = true;
    const log = logThatFails(lines, () => isFull);
    log.debug("dropped");
    log.info("lost");
    isFull = false;
    log.info("kept");
    expect(events(lines)[0]).toMatchObject({ event: "log-lines-lost", count: 1 });
  });

  test("are counted once where several were on their way", () => {
    const lines: string[] = [];
    const waiting: ((error: Error | null) => void)[] = [];
    const log = createLog({
      level: "info",
      clock: { now: () => 0 },
      write: (line, done) => {
        lines.push(line);
        waiting.push(done);
      },
    });
    for (let count = 0; count < 2; count++) log.info("lost");
    for (const done of waiting.splice(0)) done(new Error("broken pipe"));
    lines.splice(0);
    log.info("kept");
    log.info("kept-too");
    expect(events(lines)).toMatchObject([
      { event: "log-lines-lost", count: 2 },
      { event: "kept" },
      { event: "kept-too" },
    ]);
  });

  test("leave the beginning of a line on a line of its own", () => {
    let text = "";
    let room = 60;
    const log = createLog({
      level: "info",
      clock: { now: () => 0 },
      write: (line, done) => {
        text += line.slice(0, room);
        const isWhole = line.length <= room;
        room = isWhole ? room - line.length : 0;
        done(isWhole ? null : new Error("no space left on device"));
      },
    });
    log.info("cut", { text: "x".repeat(60) });
    room = Infinity;
    log.info("kept");
    const [cut, ...others] = text.split("\n");
    expect(cut).toStartWith('{"at":');
    expect(events([others.join("\n")])).toMatchObject([
      { event: "log-lines-lost", count: 1 },
      { event: "kept" },
    ]);
  });

  test("are lost also where writing throws", () => {
    const lines: string[] = [];
    let isClosed = true;
    const log = createLog({
      level: "info",
      clock: { now: () => 0 },
      write: (line) => {
        if (isClosed) throw new Error("closed");
        lines.push(line);
      },
    });
    log.info("lost");
    isClosed = false;
    log.info("kept");
    expect(events(lines)).toMatchObject([{ event: "log-lines-lost", count: 1 }, { event: "kept" }]);
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
