// Tests of the forgiving reader: what it refuses, and how it says why.

import { describe, expect, test } from "bun:test";
import { hashApiKey } from "./api-key-hash.ts";
import { normaliseApiKey } from "./api-key-normalise.ts";
import type { ApiKeyProblem } from "./api-key-problem.ts";
import { sampleKey, withCharacter } from "./api-key-samples.ts";

const key = sampleKey(30);
const body = key.slice(8);

function refusal(text: string): { readonly problem: ApiKeyProblem; readonly message: string } {
  const result = normaliseApiKey(text);
  if (result.ok) throw new Error("taken for a key");
  expect(result.message.split("\n").length).toBeLessThanOrEqual(3);
  return result;
}

/** Another symbol of the alphabet. */
function other(symbol: string): string {
  return symbol === "q" ? "p" : "q";
}

describe("normaliseApiKey() says", () => {
  test("that nothing is there", () => {
    for (const text of ["", " \n", "\u200b", '""', "..."]) {
      expect(refusal(text).problem).toEqual({ kind: "empty" });
    }
  });

  test("how many symbols are missing or too many", () => {
    const short = refusal(key.slice(0, -1));
    expect(short.problem).toEqual({ kind: "symbols-missing", missing: 1 });
    expect(short.message).toContain("One symbol is missing");
    expect(refusal("my dog Rufus").problem).toEqual({ kind: "symbols-missing", missing: 26 });
    expect(refusal("fetchml_").problem).toEqual({ kind: "symbols-missing", missing: 36 });
    expect(refusal(body.slice(0, 20)).problem).toEqual({ kind: "symbols-missing", missing: 16 });
    const doubled = key.slice(0, 20) + key.charAt(19) + key.slice(20);
    expect(refusal(doubled).problem).toEqual({ kind: "symbols-extra", extra: 1 });
    expect(refusal(doubled).message).toContain("One symbol is too many");
  });

  test("which symbol at which place no key contains", () => {
    const { problem, message } = refusal(withCharacter(key, 8 + 6, "u"));
    expect(problem).toEqual({ kind: "bad-symbol", symbol: '"u"', place: 7 });
    expect(message).toContain('Bad symbol "u" at place 7 ');
    expect(refusal(`  ${withCharacter(body, 6, "U").replace(/(.{4})/g, "$1-")}`).problem).toEqual(
      problem,
    );
  });

  test("the number of a symbol that could garble the terminal", () => {
    for (const [symbol, shown] of [
      ["\u0000", "U+0000"],
      ["\u001b", "U+001B"],
      ["\ud800", "U+D800"],
      ["\udc00", "U+DC00"],
      ["\u05d0", "U+05D0"],
      ["\u{1f600}", "U+1F600"],
      ["\u0301", "U+0301"],
    ] as const) {
      // Before a digit, so that a combining mark stays alone.
      const { problem, message } = refusal(`7${symbol}${body.slice(2)}`);
      expect(problem).toEqual({ kind: "bad-symbol", symbol: shown, place: 2 });
      expect(message).not.toContain(symbol);
    }
  });

  test("which group to check when one symbol is off, at every place", () => {
    for (let place = 0; place < 36; place++) {
      const { problem, message } = refusal(
        withCharacter(key, 8 + place, other(body.charAt(place))),
      );
      const group = Math.floor(place / 4) + 1;
      expect(problem).toEqual({ kind: "one-symbol-off", group });
      expect(message).toContain(`check group ${group} `);
    }
  });

  test("that several symbols are wrong, without a place", () => {
    const wrong = withCharacter(
      withCharacter(key, 8, other(body.charAt(0))),
      30,
      other(key.charAt(30)),
    );
    expect(refusal(wrong).problem).toEqual({ kind: "checksum" });
  });

  test("that it is a hash", () => {
    const hash = hashApiKey(key);
    for (const text of [hash, hash.toUpperCase(), `${hash}  -\n`, `sha256:${hash}`, `"${hash}"`]) {
      expect(refusal(text).problem).toEqual({ kind: "hash" });
    }
    expect(refusal(hash).message).toContain("That is a hash, not a key");
  });

  test("that it is another service's token", () => {
    // Prefixes of well-known tokens, each with a tail that no service issued.
    for (const [start, service] of [
      ["ghp_", "GitHub"],
      ["github_pat_", "GitHub"],
      ["glpat-", "GitLab"],
      ["sk-", "OpenAI or the like"],
      ["sk-ant-", "Anthropic"],
      ["xoxb-", "Slack"],
      ["hf_", "Hugging Face"],
      ["eyJ", "a JSON Web Token"],
      ["AKIA", "AWS"],
      ["npm_", "npm"],
      ["pypi-", "PyPI"],
      ["wandb_", "Weights & Biases"],
      ["sk_live_", "Stripe"],
      ["AIza", "Google"],
      ["ssh-ed25519 ", "an SSH key"],
      ["-----BEGIN ", "a PEM file"],
      [' "ghp_', "GitHub"],
    ] as const) {
      const { problem, message } = refusal(start + "SAMPLE0".repeat(3).slice(0, 16));
      expect(problem).toEqual({ kind: "foreign-token", service });
      expect(message).toContain("That is another service's token");
    }
    expect(refusal("01234567-89ab-cdef-0123-456789abcdef").problem.kind).toBe("foreign-token");
  });

  test("that there is other text around the key", () => {
    for (const text of [
      `api_key = "${key}"`,
      `Your key: ${key}`,
      key + key,
      `fetch_${key}`,
      `etchml_${body}`,
    ]) {
      expect(refusal(text).problem).toEqual({ kind: "text-around" });
    }
  });

  test("which letter only looks like a Latin one", () => {
    const looks = refusal(withCharacter(key, 8, "\u0430"));
    expect(looks.problem).toEqual({
      kind: "look-alike",
      symbol: '"\u0430" (U+0430)',
      script: "Cyrillic",
      looksLike: "a",
      part: "body",
      place: 1,
    });
    expect(looks.message).toContain(
      'Place 1 after fetchml_ is the Cyrillic letter "\u0430" (U+0430)',
    );
    expect(refusal(withCharacter(key, 43, "\u03a1")).problem).toMatchObject({
      kind: "look-alike",
      script: "Greek",
      looksLike: "p",
      place: 36,
    });
    const prefix = refusal(key.replace("e", "\u0435"));
    expect(refusal(key.toUpperCase().replace("M", "\u041c"))).toMatchObject({
      problem: { place: 6 },
    });
    expect(prefix.problem).toMatchObject({ kind: "look-alike", part: "prefix", place: 2 });
    expect(prefix.message).toContain('Letter 2 of "fetchml_" is the Cyrillic letter');
    expect(refusal(withCharacter(key, 9, "\u044f")).problem).toMatchObject({ kind: "bad-symbol" });
  });
});

describe("normaliseApiKey()", () => {
  test("answers for 1,000,000 symbols of any sort", () => {
    for (const unit of [
      "0",
      " ",
      "-",
      "\u0000",
      "\ud800",
      "\u0430",
      "0-",
      "u",
      "a\u0301\u0323",
      "\ufdfa",
    ]) {
      const text = unit.repeat(Math.ceil(1_000_000 / unit.length));
      expect(refusal(text).problem.kind).toBe("symbols-extra");
      expect(refusal(key + text).message).not.toContain(body);
      expect(normaliseApiKey(unit.repeat(Math.floor(65_536 / unit.length))).ok).toBe(false);
    }
  });

  test("does not normalise what is far too long for a key, because that could take quadratic time", () => {
    // NFKC would make 18 letters of each.
    expect(refusal("\ufdfa".repeat(600)).problem).toEqual({ kind: "symbols-extra", extra: 564 });
  });

  test("says the same of two keys with the same fault, so that no message holds a part of the key", () => {
    const faults: readonly ((text: string) => string)[] = [
      (text) => text.slice(0, -1),
      (text) => `${text}0`,
      (text) => withCharacter(text, 20, "u"),
      (text) => withCharacter(text, 20, "\u0441"),
      (text) => withCharacter(text, 20, other(text.charAt(20))),
      (text) => `key=${text}`,
      (text) => `sk-${text}`,
      (text) => text.repeat(20),
      (text) => hashApiKey(text),
      (text) =>
        withCharacter(withCharacter(text, 20, other(text.charAt(20))), 30, other(text.charAt(30))),
    ];
    const twin = sampleKey(31);
    for (const fault of faults) expect(refusal(fault(key))).toEqual(refusal(fault(twin)));
  });
});
