// Backups while clients submit: the restored server answers what the first one answered at that moment.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { openBox, until, type Box, type Person } from "./box.ts";
import {
  answersOf,
  callWithKey,
  everyJob,
  shownJobs,
  SUBMISSION,
  usersAndKeys,
  withRestored,
} from "./restored-box.ts";
import { databaseFaults } from "./torture/database-faults.ts";

const CLIENTS = 4;
let box: Box;
let people: Person[];

beforeAll(async () => {
  box = await openBox({ config: "cpus = 4\n" });
  people = [];
  for (const name of ["alice", "bob"]) people.push(await box.addPerson(name));
  people.push(await box.addPerson("root", "admin"));
  // Nothing starts, so that a job changes by nothing but its submission.
  expect((await box.admin(["drain"])).code).toBe(0);
});

afterAll(() => box.close());

/** Clients that submit one job after the other; each id is noted when it is acknowledged. */
function submitOn() {
  const acknowledged: number[] = [];
  const load = { goesOn: true };
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    const { apiKey } = people[client % people.length] ?? { apiKey: "" };
    for (let count = 0; load.goesOn; count += 1) {
      const name = `load-${client}-${count}`;
      const params = { ...SUBMISSION, name, hold: count % 7 === 3, env: { STEP: String(count) } };
      acknowledged.push((await callWithKey(box, apiKey, ["job.submit", params])).job.id);
    }
  });
  return {
    acknowledged,
    stop: async () => {
      load.goesOn = false;
      await Promise.all(clients);
    },
  };
}

const keyOf = (index: number) => people[index]?.apiKey ?? "";
const adminKey = () => keyOf(2);

/** The second box has the first jobs of the box, as they are there, and no other; and all keys open it. */
async function expectPrefix(
  second: Box,
  { jobs: count, before }: { readonly jobs: number; readonly before: readonly number[] },
): Promise<void> {
  expect(databaseFaults(second.dataDir)).toEqual([]);
  const jobs = await everyJob(second, adminKey());
  // Ids are given in the order of the commits and none is left out, so this is a prefix.
  expect(jobs.map(({ id }) => id)).toEqual(Array.from({ length: count }, (_, at) => count - at));
  expect(Math.max(...before)).toBeLessThanOrEqual(count);
  const now = new Map((await everyJob(box, adminKey())).map((job) => [job.id, job]));
  expect(jobs.map((job) => now.get(job.id))).toEqual(jobs);
  // No job changes after its submission, and nothing else changes: what the first box answers now it answered then.
  const ids = jobs.map(({ id }) => id);
  expect(await shownJobs(second, adminKey(), ids)).toEqual(await shownJobs(box, adminKey(), ids));
  expect(await usersAndKeys(second)).toEqual(await usersAndKeys(box));
  for (const { apiKey } of people)
    expect(await callWithKey(second, apiKey, ["server.status", {}])).toBeObject();
}

test("a backup under load holds all that was acknowledged before it, and no job without those before it", async () => {
  const load = submitOn();
  try {
    for (let round = 0; round < 4; round += 1) {
      await until(() => load.acknowledged.length >= 60 * (round + 1), "nobody submits");
      const before = [...load.acknowledged];
      const file = join(box.folder, `round-${round}.backup.tar`);
      const made = await box.admin(["backup", file, "--json"]);
      expect([made.code, made.stderr]).toEqual([0, ""]);
      const { jobs } = JSON.parse(made.stdout) as { jobs: number };
      await withRestored(file, (second) => expectPrefix(second, { jobs, before }));
    }
  } finally {
    await load.stop();
  }
}, 180_000);

test("a restored server answers exactly as the first did at the moment of the backup", async () => {
  const load = submitOn();
  await until(() => load.acknowledged.length >= 100, "nobody submits");
  await load.stop();
  const alice = people[0];
  if (alice === undefined) throw new Error("there is no alice");
  await callWithKey(box, alice.apiKey, ["job.submit", { ...SUBMISSION, name: "ended" }]);
  expect((await alice.ml(["cancel", "ended"])).code).toBe(0);
  expect((await box.admin(["user", "add", "dora", "--role", "viewer"])).code).toBe(0);
  const issued = await box.admin(["key", "issue", "dora", "--label", "ci", "--json"]);
  const dora = JSON.parse(issued.stdout) as { id: string; api_key: string };
  expect((await box.admin(["key", "revoke", dora.id])).code).toBe(0);
  const answers = await answersOf(box, adminKey());
  const file = join(box.folder, "moment.backup.tar");
  const marker = await box.admin(["backup", file]);
  expect([marker.code, marker.stderr]).toEqual([0, expect.stringContaining("Wrote and verified")]);
  const later = submitOn();
  await until(() => later.acknowledged.length >= 20, "nobody submits");
  await later.stop();
  await withRestored(file, async (second) => {
    expect(await answersOf(second, adminKey())).toEqual(answers);
    const refused = await callWithKey(second, dora.api_key, ["server.status", {}]).catch(String);
    expect(refused).toContain("revoked");
    expect((await callWithKey(second, keyOf(1), ["job.submit", SUBMISSION])).job.id).toBe(
      Math.min(...later.acknowledged),
    );
  });
}, 60_000);
