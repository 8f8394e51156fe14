// `/metrics` of a real server, read as Prometheus reads it, and what `deploy/` makes of it.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openBox, until, type Box, type Person } from "./box.ts";
import { needsSystem } from "./system-tool.ts";

const DEPLOY = join(import.meta.dir, "../deploy");

let box: Box;
let watcher: Person;
let alice: Person;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
  watcher = await box.addPerson("watcher", "viewer");
});
afterAll(() => box.close());

const get = (key?: string) =>
  fetch(`${box.httpUrl}/metrics`, {
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
  });

/** The number of one member, such as `fetchml_jobs{state="held"}`; 0 when there is none yet. */
async function valueOf(member: string): Promise<number> {
  const lines = (await (await get(watcher.apiKey)).text()).split("\n");
  const line = lines.find((each) => each.startsWith(`${member} `));
  return Number(line?.slice(member.length + 1) ?? 0);
}

async function promtool(args: readonly string[], input = ""): Promise<string> {
  const tool = Bun.spawn(["promtool", ...args], {
    cwd: join(DEPLOY, "prometheus"),
    stdin: Buffer.from(input),
    stdout: "pipe",
    stderr: "pipe",
  });
  const said = (await tool.stdout.text()) + (await tool.stderr.text());
  return `${await tool.exited}\n${said}`;
}

test("needs a key, and a viewer's is enough", async () => {
  expect((await get()).status).toBe(401);
  const answer = await get(watcher.apiKey);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([
    200,
    "text/plain; version=0.0.4; charset=utf-8",
  ]);
});

test("counts starts, outcomes, waits, calls, commits and refused keys", async () => {
  expect((await alice.ml(["run", "good", "--", "true"])).code).toBe(0);
  expect((await alice.ml(["run", "bad", "--", "false"])).code).toBe(1);
  await alice.ml(["queue", "later", "--hold", "--", "true"]);
  await get(`fetchml_${"0".repeat(36)}`);
  await until(
    async () => (await valueOf('fetchml_attempts_ended_total{outcome="failed"}')) === 1,
    "no failed attempt was counted",
  );
  expect(await valueOf('fetchml_attempts_ended_total{outcome="succeeded"}')).toBe(1);
  expect(await valueOf("fetchml_attempts_started_total")).toBe(2);
  expect(await valueOf("fetchml_job_wait_seconds_count")).toBe(2);
  expect(await valueOf('fetchml_jobs{state="held"}')).toBe(1);
  expect(await valueOf('fetchml_jobs{state="running"}')).toBe(0);
  // The first one was told to send its code first.
  expect(await valueOf('fetchml_request_duration_seconds_count{method="job.submit"}')).toBe(4);
  expect(
    await valueOf('fetchml_request_failures_total{method="job.submit",code="snapshot-missing"}'),
  ).toBe(1);
  expect(await valueOf("fetchml_commit_duration_seconds_count")).toBeGreaterThan(3);
  expect(await valueOf("fetchml_disk_free_bytes")).toBeGreaterThan(0);
  const refused = await (await get(watcher.apiKey)).text();
  expect(refused).toMatch(/fetchml_authentication_failures_total\{reason="key-\w+"\} 1\n/);
});

test("tells nobody's name, job or key", async () => {
  const text = await (await get(watcher.apiKey)).text();
  expect(text).not.toMatch(/alice|watcher|good|later|fetchml_[0-9a-z]{36}/);
});

needsSystem("promtool")("keeps to the conventions of Prometheus", async () => {
  const text = await (await get(watcher.apiKey)).text();
  expect(await promtool(["check", "metrics"], text)).toBe("0\n");
});

needsSystem("promtool")("the alarms and the configuration in deploy are well formed", async () => {
  expect(await promtool(["check", "rules", "alerts.yml"])).toStartWith("0\n");
  expect(await promtool(["check", "config", "--syntax-only", "prometheus.yml"])).toStartWith("0\n");
  expect(await promtool(["test", "rules", "alerts.test.yml"])).toStartWith("0\n");
});

test("the dashboard and the alarms ask for nothing that is not there", async () => {
  const text = await (await get(watcher.apiKey)).text();
  const known = new Set([...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name));
  for (const file of ["grafana-dashboard.json", "prometheus/alerts.yml"]) {
    const asked = readFileSync(join(DEPLOY, file), "utf8").matchAll(/\bfetchml_\w+/g);
    const names = [...asked].map(([name]) => name.replace(/_bucket$/, ""));
    const missing = names.filter((name) => !known.has(name));
    expect([file, ...new Set(missing)]).toEqual([file]);
  }
});
