// Upgrade without touching a job: drain, stop, start, resume.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openBox, until, type Box, type Person } from "./box.ts";

let box: Box;
let alice: Person;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
});

afterAll(() => box.close());

const stateOf = async (id: string): Promise<string> => {
  const shown: { state: string; reason: string | null } = JSON.parse(
    (await alice.ml(["show", id, "--json"])).stdout,
  );
  return shown.reason ?? shown.state;
};

test("drain keeps queued jobs waiting across a restart of the server, running ones go on, resume starts them", async () => {
  await alice.ml(["queue", "long", "--", "sh", "-c", "until [ -e $HOME/go ]; do sleep 0.02; done"]);
  await until(async () => (await stateOf("1")) === "running", "the first job does not run");
  const drained = await box.admin(["drain", "--json"]);
  expect(JSON.parse(drained.stdout)).toEqual({ box: true, gpus: [], running: 1 });
  expect(drained.stderr).toContain('"fetchml resume"');
  await alice.ml(["queue", "next", "--", "true"]);
  await box.stop();
  await box.start();
  expect([await stateOf("1"), await stateOf("2")]).toEqual(["running", "drained"]);
  expect((await alice.ml(["why", "2"])).stdout).toContain("drained");
  expect((await alice.ml(["status"])).stdout).toContain("nothing new starts");
  await alice.ml(["cancel", "1", "--now"]);
  await until(async () => (await stateOf("1")) === "cancelled", "the first job does not end");
  expect(await stateOf("2")).toBe("drained");
  expect((await box.admin(["resume"])).stderr).toContain("Jobs start again");
  await until(async () => (await stateOf("2")) === "succeeded", "the second job does not start");
  const actions = (await box.admin(["audit", "--json"])).stdout;
  expect(actions).toContain("server.drain");
  expect(actions).toContain("server.resume");
});

test("drain works with the server stopped, and is refused for a GPU that the box does not have", async () => {
  const refused = await box.admin(["drain", "--gpu", "GPU-0"]);
  expect([refused.code, refused.stdout]).toEqual([5, ""]);
  expect(refused.stderr).toContain("has no GPU GPU-0");
  await box.stop();
  expect((await box.admin(["drain"])).code).toBe(0);
  await box.start();
  await alice.ml(["queue", "later", "--", "true"]);
  expect(await stateOf("3")).toBe("drained");
  expect((await box.admin(["resume"])).code).toBe(0);
  await until(async () => (await stateOf("3")) === "succeeded", "the third job does not start");
});
