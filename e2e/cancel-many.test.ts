// Tens of thousands of jobs of one user are cancelled: others are served meanwhile, and a killed server goes on with it.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { linkTo, type Client, type Link } from "@fetchml/client";
import type { Job, SubmitParams } from "@fetchml/protocol";
import { openBox, until, type Box, type Person } from "./box.ts";

const MANY = 20_000;

let box: Box;
let alice: Person;
let bob: Person;
let links: Link[];

beforeEach(async () => {
  box = await openBox({ config: "cpus = 2\n" });
  alice = await box.addPerson("alice");
  bob = await box.addPerson("bob");
  links = [];
});

afterEach(async () => {
  for (const link of links) link.close();
  await box.close();
});

function connect({ apiKey }: Person): Promise<Client> {
  const link = linkTo({ apiUrl: box.url, apiKey, clientName: "test" });
  links.push(link);
  return link.client();
}

const bearer = ({ apiKey }: Person) => ({ authorization: `Bearer ${apiKey}` });

const submission = (shell: string, more: Partial<SubmitParams> = {}): SubmitParams => ({
  name: "many",
  command: { shell, args: [] },
  cwd: "",
  env: {},
  resources: { gpus: 0, cpus: 1, mem_bytes: 0 },
  timeout_ms: null,
  retries: 0,
  begin_at: null,
  hold: false,
  snapshot: null,
  ...more,
});

async function submitMany(client: Client): Promise<void> {
  for (let sent = 0; sent < MANY; sent += 1000) {
    await Promise.all(
      Array.from({ length: 1000 }, () => client.call("job.submit", submission("true"))),
    );
  }
}

async function allJobsOf(client: Client, user: string): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  let before: number | null = null;
  do {
    const page = { user, all: true, limit: 1000, ...(before !== null && { before_id: before }) };
    const answer: { readonly jobs: readonly Job[]; readonly next_before_id: number | null } =
      await client.call("job.list", page);
    jobs.push(...answer.jobs);
    before = answer.next_before_id;
  } while (before !== null);
  return jobs;
}

/** Counts the jobs that a follower of all hears to be cancelled; `first` resolves with the first of them. */
async function followCancels(client: Client) {
  const heard = { jobs: 0, pieces: 0 };
  const first = Promise.withResolvers<void>();
  client.on("jobs.cancelled", ({ ids }) => {
    heard.jobs += ids.length;
    heard.pieces += 1;
    first.resolve();
  });
  await client.call("job.subscribe", {});
  return { heard, first: first.promise };
}

test("key revoke --cancel-jobs shuts the key out first, cancels 20,000 jobs, and lets others submit meanwhile", async () => {
  const alices = await connect(alice);
  const bobs = await connect(bob);
  const runs = (await alices.call("job.submit", submission("sleep 600"))).job;
  await bobs.call("job.submit", submission("sleep 600"));
  await until(async () => (await bobs.call("server.status", {})).running.length === 2, "no start");
  await submitMany(alices);
  const { heard, first } = await followCancels(bobs);
  const revoked = box.admin(["key", "revoke", "--user", "alice", "--cancel-jobs"]);
  await first;
  const [{ job }, status, shutOut] = await Promise.all([
    bobs.call("job.submit", submission("true", { hold: true })),
    bobs.call("server.status", {}),
    fetch(`${box.httpUrl}/rpc`, { method: "POST", headers: bearer(alice), body: "{}" }),
  ]);
  const heardAtAnswer = heard.jobs;
  expect((await revoked).stderr).toContain(`Cancelled ${MANY + 1} jobs:`);
  expect(shutOut.status).toBe(401);
  // The answers came while most of the jobs were queued, not behind them.
  expect(heardAtAnswer).toBeLessThan(MANY);
  expect(status.counts.queued).toBeGreaterThan(1);
  await until(() => heard.jobs === MANY, "not all were told of");
  expect(heard.pieces).toBeLessThan(MANY / 100);
  await until(
    async () => (await bobs.call("job.get", { job: String(runs.id) })).ended_at !== null,
    "the running job does not end",
  );
  const jobs = await allJobsOf(bobs, "alice");
  expect(jobs.filter(({ state }) => state === "cancelled")).toHaveLength(MANY + 1);
  expect(jobs.filter(({ attempt }) => attempt > 0).map(({ id }) => id)).toEqual([runs.id]);
  expect((await bobs.call("job.get", { job: String(job.id) })).state).toBe("queued");
}, 120_000);

test("a server that is killed in the middle of ml cancel --all goes on with it, and starts none of the jobs", async () => {
  await box.admin(["drain"]);
  const alices = await connect(alice);
  await submitMany(alices);
  const { heard, first } = await followCancels(await connect(bob));
  const asked = alices.call("job.cancel", { all: true }).catch((error: unknown) => error);
  await first;
  // Asked for by one who has every right to: it was queued after the cancel, so it stays.
  const later = (await alices.call("job.submit", submission("true", { name: "later" }))).job;
  await box.stop("SIGKILL");
  expect(heard.jobs).toBeLessThan(MANY);
  expect(await asked).toBeInstanceOf(Error);
  expect((await box.admin(["resume"])).code).toBe(0);
  await box.start();
  const bobs = await connect(bob);
  await until(
    async () => (await bobs.call("job.get", { job: String(later.id) })).ended_at !== null,
    "the job after the cancel does not run",
    60_000,
  );
  await until(
    async () => (await bobs.call("job.list", { user: "alice" })).jobs.length === 0,
    "jobs are left",
    60_000,
  );
  const jobs = await allJobsOf(bobs, "alice");
  expect(jobs).toHaveLength(MANY + 1);
  expect(jobs.filter(({ attempt }) => attempt > 0)).toMatchObject([
    { id: later.id, state: "succeeded" },
  ]);
  expect(jobs.filter(({ state }) => state === "cancelled")).toHaveLength(MANY);
}, 120_000);
