// Tests of what others see of how a job ended.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { KeyHolder } from "../domain/principal.ts";
import { listPage, showJob } from "./look.ts";
import { LOCAL_ADMIN, openTestQueue, type TestQueue } from "./queue.fixture.ts";
import { FOR_ITS_OWNER } from "./shown-job.ts";
import { explainJob } from "./why.ts";

const SECRET = "there is no folder client-acme/merger";

let queue: TestQueue;
let people: Record<"alice" | "bob" | "vera" | "root", KeyHolder>;

beforeEach(async () => {
  queue = openTestQueue();
  people = {
    alice: await queue.addUser("alice"),
    bob: await queue.addUser("bob"),
    vera: await queue.addUser("vera", "viewer"),
    root: await queue.addUser("root", "admin"),
  };
  await queue.submit(people.alice);
  await queue.startAll();
  await queue.end(1, { kind: "failed-to-start", message: SECRET });
});

afterEach(() => queue.close());

describe("the text of why a job could not start", () => {
  for (const [name, may] of [
    ["alice", true],
    ["root", true],
    ["bob", false],
    ["vera", false],
  ] as const) {
    test(`is ${may ? "" : "not "}shown to ${name}, by show, list and why`, async () => {
      const who = people[name];
      const shown = JSON.stringify([
        await showJob(queue, who, "1"),
        await listPage(queue, who, { all: true, everyone: true }),
        await explainJob(queue, who, "1"),
      ]);
      expect(shown.split(SECRET)).toHaveLength(may ? 5 + 1 : 1);
      if (!may) expect(shown).toContain(FOR_ITS_OWNER);
    });
  }

  test("is shown to the admin on the box", async () => {
    expect(JSON.stringify(await showJob(queue, LOCAL_ADMIN, "1"))).toContain(SECRET);
  });
});
