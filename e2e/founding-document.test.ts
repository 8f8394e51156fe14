// The founding document's own lines, word for word: a config with four keys, then status, queue, cancel.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { openBox, until, writeProject, type Box, type Person } from "./box.ts";

let box: Box;
let alice: Person;
let project: string;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
  project = writeProject(join(alice.home, "digits"), {
    "ml.toml": '[jobs.my-training-job]\ncommand = "echo training; exec sleep 600"\n',
  });
});

afterAll(() => box.close());

test("ml status shows the server and whose key it is", async () => {
  const { code, stdout, stderr } = await alice.ml(["status"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("alice");
  expect(stdout).toContain(alice.apiKey.slice(8, 12));
  expect(stdout).not.toContain(alice.apiKey);
});

test("ml queue my-training-job queues it, and ml cancel my-training-job ends it", async () => {
  const queued = await alice.ml(["queue", "my-training-job"], { cwd: project });
  expect(queued.code).toBe(0);
  await until(
    async () => (await alice.ml(["logs", "my-training-job"])).stdout.includes("training"),
    "the job writes no log",
  );
  const cancelled = await alice.ml(["cancel", "my-training-job"]);
  expect(cancelled.code).toBe(0);
  expect((await alice.ml(["wait", "my-training-job"])).code).toBe(1);
  const shown = await alice.ml(["show", "my-training-job", "--json"]);
  expect(JSON.parse(shown.stdout)).toMatchObject({
    name: "my-training-job",
    state: "cancelled",
    outcome: { kind: "cancelled", by: "alice" },
  });
});
