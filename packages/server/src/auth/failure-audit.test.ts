// Refusals are in the audit, and a flood of them is a few rows.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { generateApiKey } from "@fetchml/protocol";
import { createLog } from "../telemetry/log.ts";
import { auditRows, BOX, makeAuth, type AuthFixture } from "./auth.fixture.ts";
import { systemRandomBytes } from "./context.ts";
import { FailureAudit, type Refusal } from "./failure-audit.ts";
import { revokeKeys } from "./keys.ts";

let auth: AuthFixture;
let audit: FailureAudit;
let lines: string[] = [];

beforeEach(() => {
  lines = [];
  auth = makeAuth();
  const log = createLog({ level: "debug", clock: auth.clock, write: (line) => lines.push(line) });
  audit = new FailureAudit({ ...auth, log });
});
afterEach(() => auth.close());

const REFUSAL: Refusal = {
  actor: "unknown",
  action: "authenticate",
  target: "kpaz",
  address: "10.0.0.1",
  reason: "key-invalid",
};

async function reasons(): Promise<readonly (string | null)[]> {
  await audit.close();
  return auditRows(auth.db).map(({ reason }) => reason);
}

describe("FailureAudit", () => {
  test("gives the first of a kind a row, and the next row tells of those between", async () => {
    for (let i = 0; i < 1_000; i++) audit.note(REFUSAL);
    expect(await reasons()).toEqual(["key-invalid"]);
    auth.clock.advance(10 * 60_000);
    audit.note(REFUSAL);
    expect(await reasons()).toEqual(["key-invalid", "key-invalid, and 999 more before"]);
  });

  test("keeps actors, addresses, keys and reasons apart", async () => {
    audit.note(REFUSAL);
    audit.note({ ...REFUSAL, actor: "bobs" });
    audit.note({ ...REFUSAL, address: "10.0.0.2" });
    audit.note({ ...REFUSAL, target: null });
    audit.note({ ...REFUSAL, reason: "key-revoked" });
    expect(await reasons()).toHaveLength(5);
  });

  test("forgets the oldest kinds after a thousand, and tells of what they had still to tell", async () => {
    for (let i = 0; i < 6; i++) audit.note(REFUSAL);
    for (let i = 0; i < 1_001; i++) {
      auth.clock.advance(60_000);
      audit.note({ ...REFUSAL, address: `10.3.${i}` });
    }
    expect((await reasons()).at(-1)).toBe("key-invalid, and 5 others");
  });

  test("writes 60 rows and then one a minute, from however many addresses they come", async () => {
    for (let i = 0; i < 10_000; i++) audit.note({ ...REFUSAL, address: `10.1.${i}` });
    expect(await reasons()).toHaveLength(60);
    auth.clock.advance(60_000);
    for (let i = 0; i < 100; i++) audit.note({ ...REFUSAL, address: `10.2.${i}` });
    const all = await reasons();
    expect(all).toHaveLength(61);
    expect(all.at(-1)).toBe("key-invalid, and 9940 others");
  });

  test("fails nothing when the row cannot be written, and says so in the log", async () => {
    auth.db.runScript(
      "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END",
    );
    audit.note(REFUSAL);
    await audit.close();
    expect(lines.join("")).toContain("refusals-not-audited");
  });
});

describe("authenticate()", () => {
  const failures = () => auditRows(auth.db).filter(({ action }) => action === "authenticate");
  const refuse = (authorization: string) =>
    auth.authenticator
      .authenticate({ authorization, address: "10.0.0.1", client: null })
      .catch(() => undefined);

  test("audits who was refused: the key's id as actor only where its secret was shown", async () => {
    const alice = await auth.give("alice");
    await revokeKeys(auth, BOX, { id: alice.id });
    await refuse(`Bearer ${alice.api_key}`);
    const guess = generateApiKey({ id: alice.id, randomBytes: systemRandomBytes });
    await refuse(`Bearer ${guess}`);
    await refuse("Bearer nonsense");
    await auth.authenticator.close();
    expect(failures()).toMatchObject([
      { actor: alice.id, target: alice.id, ok: 0, reason: "key-revoked" },
      { actor: "unknown", target: alice.id, ok: 0, reason: "key-invalid" },
      { actor: "unknown", target: null, ok: 0, reason: "key-malformed" },
    ]);
    expect(JSON.stringify(failures())).not.toContain("fetchml_");
  });
});
