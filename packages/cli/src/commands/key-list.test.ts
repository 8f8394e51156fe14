// Tests of `ml key list`.
import { expect, test } from "bun:test";
import type { ApiKey } from "@fetchml/protocol";
import { keyStateWords } from "../render/key-table.ts";
import { SOME_TIME } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

const KEY: ApiKey = {
  id: "kpaz",
  user: "alice",
  label: "laptop",
  created_at: SOME_TIME,
  expires_at: null,
  revoked_at: null,
  superseded_by: null,
  valid_until: null,
  pending: false,
  last_used_at: null,
  last_used_address: null,
  last_used_client: null,
};

test("ml key list shows my keys, and which one is used here", async () => {
  const other = { ...KEY, id: "q7r4", label: "desk\u001b[2Jtop", revoked_at: SOME_TIME };
  here.serve({ "own-key.list": () => ({ keys: [KEY, other] }) });
  const { code, stdout } = await here.ml("key list");
  expect(code).toBe(0);
  const [titles, mine, others] = stdout.split("\n");
  expect(titles).toMatch(/^ID +USED +LABEL +STATE +CREATED +LAST USED$/);
  expect(mine).toMatch(/^kpaz +here +laptop +good, never expires .* never$/);
  expect(others).toMatch(/^q7r4 +desk.*top +revoked /);
  expect(stdout).not.toContain("\u001b");
});

test("ml key list --json prints the keys as the API has them", async () => {
  here.serve({ "own-key.list": () => ({ keys: [KEY] }) });
  expect(JSON.parse((await here.ml("key list --json")).stdout)).toEqual([KEY]);
});

test("keyStateWords() tells every state of a key's life", () => {
  const words = (changes: Partial<ApiKey>) => keyStateWords({ ...KEY, ...changes }, SOME_TIME);
  const later = SOME_TIME + 1000;
  expect(words({ valid_until: later })).toStartWith("good until ");
  expect(words({ valid_until: SOME_TIME })).toStartWith("expired ");
  expect(words({ pending: true, valid_until: later })).toBe("waits for its first use");
  expect(words({ pending: true, valid_until: SOME_TIME })).toBe("never used in time");
  expect(words({ superseded_by: "q7r4", valid_until: later })).toStartWith(
    "replaced by q7r4, good until ",
  );
  expect(words({ superseded_by: "q7r4", valid_until: SOME_TIME })).toStartWith(
    "replaced by q7r4, ended ",
  );
  expect(words({ revoked_at: SOME_TIME, pending: true })).toStartWith("revoked ");
});
