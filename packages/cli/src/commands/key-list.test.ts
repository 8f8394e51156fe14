// Tests of `ml key list`.
import { expect, test } from "bun:test";
import type { ApiKey } from "@fetchml/protocol";
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
  // The server writes uses down later, and knows of none yet.
  expect(mine).toMatch(/^kpaz +here +laptop +good, never expires .* now$/);
  expect(others).toMatch(/^q7r4 +desk.*top +revoked .* never$/);
  expect(stdout).not.toContain("\u001b");
});

test("ml key list --json prints the keys as the API has them", async () => {
  here.serve({ "own-key.list": () => ({ keys: [KEY] }) });
  expect(JSON.parse((await here.ml("key list --json")).stdout)).toEqual([KEY]);
});
