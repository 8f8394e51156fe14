// Tests of hiding keys in text.

import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { redactApiKeys } from "./api-key-redact.ts";
import { anyKey, groupsOf, sampleKey, TEST_VECTOR } from "./api-key-samples.ts";

const key = sampleKey(50);
const body = key.slice(8);
const groups = groupsOf(key);

describe("redactApiKeys()", () => {
  test("leaves the public id of a key and nothing else of it", () => {
    expect(redactApiKeys(`bad key ${TEST_VECTOR.key}, twice: ${TEST_VECTOR.key}`)).toBe(
      "bad key fetchml_kpaz…[hidden], twice: fetchml_kpaz…[hidden]",
    );
  });

  test("hides every key in any text", () => {
    fc.assert(
      fc.property(fc.string(), anyKey, fc.string(), (before, secret, after) => {
        const shown = redactApiKeys(`${before} ${secret} ${after}`);
        expect(shown).not.toContain(secret.slice(12, 20));
        expect(shown).not.toContain(secret.slice(-8));
      }),
    );
  });

  test("hides mistyped keys whole", () => {
    for (const mistyped of [
      key.toUpperCase(),
      key.slice(0, 30),
      `${key}0`,
      `${key}${body}`,
      key.replace("_", "%5F"),
      `fetchml_${body.slice(0, 6)}u${body.slice(7)}`,
      `fetchml_${body.slice(0, 6)}\u0430${body.slice(7)}`,
      `fetchml_${body.slice(0, 6)}\u200b${body.slice(6)}`,
      `fetchml_${groups.join(" ")}`,
      `fetchml_${groups.join("-").toUpperCase()}`,
      `fetchml_${groups.join(" | ")}`,
      `fetchml_${groups.join("\u00a0")}`,
    ]) {
      expect(redactApiKeys(`"${mistyped}"`)).toMatch(/^"fetchml_([0-9a-z]{4})?…\[hidden\]"$/);
    }
    expect(redactApiKeys(key.toUpperCase())).toBe("fetchml_…[hidden]");
  });

  test("stops where the key in a URL or in JSON ends", () => {
    expect(redactApiKeys(`GET /ws?key=${key}&x=1`)).toBe(
      `GET /ws?key=fetchml_${key.slice(8, 12)}…[hidden]&x=1`,
    );
    expect(redactApiKeys(JSON.stringify({ key, x: 1 }))).toBe(
      `{"key":"fetchml_${key.slice(8, 12)}…[hidden]","x":1}`,
    );
  });

  test("leaves names that are no keys", () => {
    const text =
      "fetchml_jobs_running_total FETCHML_REQUIRE_SYSTEM=1 fetchml_ and 36 letters, fetchml serve, fetchml_requests";
    expect(redactApiKeys(text)).toBe(text);
  });

  test("leaves its own output alone", () => {
    const shown = redactApiKeys(`${key} ${key.slice(0, 30)}`);
    expect(redactApiKeys(shown)).toBe(shown);
  });

  test("answers for 1,000,000 characters", () => {
    for (const unit of ["fetchml_", "fetchml_0000 ", "0", "abcd ", "fetchml%5f"]) {
      const text = unit.repeat(1_000_000 / unit.length);
      expect(redactApiKeys(text).length).toBeLessThanOrEqual(text.length);
      expect(redactApiKeys(`fetchml_${text}`).length).toBeLessThanOrEqual(text.length + 8);
    }
  });
});
