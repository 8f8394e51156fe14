// Tests of the gitleaks rules: they find every key, take nothing else for one, and the tree is clean by them.
import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generateApiKey, generateKeyId, hashApiKey, parseApiKey } from "@fetchml/protocol";
import { listProjectFiles, projectRoot } from "../scripts/project-files.ts";

interface Rule {
  readonly id: string;
  readonly regex: string;
  readonly keywords: readonly string[];
  readonly allowlists?: readonly { readonly regexes: readonly string[] }[];
}

// The shape is what the tests below rely on; a rule without its fields fails them.
const { rules } = Bun.TOML.parse(readFileSync(join(projectRoot, ".gitleaks.toml"), "utf8")) as {
  rules: readonly Rule[];
};

function rule(id: string): { readonly found: (text: string) => readonly string[] } {
  const one = rules.find((each) => each.id === id);
  if (one === undefined) throw new Error(`.gitleaks.toml has no rule ${id}`);
  const allowed = (one.allowlists ?? []).flatMap(({ regexes }) =>
    regexes.map((r) => new RegExp(r)),
  );
  return {
    // As gitleaks does it: keywords first, then the pattern; the group, where there is one, is the secret.
    found: (text) =>
      one.keywords.some((word) => text.toLowerCase().includes(word))
        ? [...text.matchAll(new RegExp(one.regex, "g"))]
            .map((match) => match[1] ?? match[0])
            .filter((secret) => !allowed.some((pattern) => pattern.test(secret)))
        : [],
  };
}

const random = (count: number) => randomBytes(count);
const newKey = () => generateApiKey({ id: generateKeyId(random), randomBytes: random });
const VECTOR = "fetchml_kpazxttmnfwpqvn7htakzj9hnk67xw0errda";

test("the rule for keys finds every key that FetchML makes, wherever it stands", () => {
  const { found } = rule("fetchml-api-key");
  for (let i = 0; i < 1000; i++) {
    const key = newKey();
    for (const text of [
      key,
      `api_key = "${key}"`,
      `"key":"${key}",`,
      `Bearer ${key}\n`,
      `(${key})`,
    ]) {
      expect(found(text)).toEqual([key]);
      // As login and the check of a project take it.
      expect(found(text.toUpperCase())).toEqual([key.toUpperCase()]);
    }
  }
});

test("the rule for keys takes nothing shorter, longer or differently spelt for one", () => {
  const { found } = rule("fetchml-api-key");
  const key = newKey();
  for (const text of [
    key.slice(0, -1),
    `${key}0`,
    `${key}0000`,
    key.slice("fetchml_".length),
    `x${key}`,
    key.replace(/.$/, "u"),
    key.replace(/.$/, "-"),
    "fetchml_…",
    hashApiKey(key),
  ]) {
    expect(found(text)).toEqual([]);
  }
});

test("the rule for keys lets the test vector pass, and no key beside it", () => {
  const { found } = rule("fetchml-api-key");
  expect(parseApiKey(VECTOR).ok).toBe(true);
  expect(found(VECTOR)).toEqual([]);
  const key = newKey();
  expect(found(`${VECTOR} ${key}`)).toEqual([key]);
});

test("the rule for hashes finds one by its name", () => {
  const { found } = rule("fetchml-api-key-hash");
  const hash = hashApiKey(newKey());
  for (const text of [
    `"api_key_hash":"${hash}"`,
    `api_key_hash = '${hash}'`,
    `api_key_hash: ${hash}`,
  ]) {
    expect(found(text)).toEqual([hash]);
  }
  expect(found(`api_key_hash = "${hash.slice(1)}"`)).toEqual([]);
  expect(found(`sha256 = "${hash}"`)).toEqual([]);
});

test("the tree holds no key and no hash by these rules", () => {
  const leaks = listProjectFiles().flatMap((path) => {
    const text = readFileSync(join(projectRoot, path), "latin1");
    return rules.flatMap(({ id }) =>
      rule(id)
        .found(text)
        .map(() => `${path}: ${id}`),
    );
  });
  expect(leaks).toEqual([]);
});
