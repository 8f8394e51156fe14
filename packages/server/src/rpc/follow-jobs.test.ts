// Subscriptions to jobs.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { JsonRpcClient } from "./json-rpc-client.fixture.ts";
import { startRpc, type RpcFixture } from "./rpc.fixture.ts";
import { SUBMIT } from "./submit.fixture.ts";
import { MOST_SUBSCRIPTIONS } from "./subscriptions.ts";

let rpc: RpcFixture;
let client: JsonRpcClient;

beforeEach(async () => {
  rpc = await startRpc();
  client = await open((await rpc.give("alice")).api_key);
});
afterEach(() => rpc.close());

const open = (key: string) =>
  JsonRpcClient.connect(`${rpc.url.replace("http", "ws")}/ws`, { authorization: `Bearer ${key}` });

async function submit(name = "train"): Promise<number> {
  const { job } = await client.result("job.submit", { ...SUBMIT, name });
  return job.id;
}

const told = () =>
  client.notes("job.changed").map(({ subscription, job }) => [subscription, job.id, job.state]);

describe("job.subscribe", () => {
  test("tells of every change of every job, after the answer", async () => {
    const { subscription, jobs } = await client.result("job.subscribe");
    expect(jobs).toEqual([]);
    const id = await submit();
    await client.result("job.cancel", { jobs: [String(id)] });
    await client.until("both", () => told().length === 2);
    expect(told()).toEqual([
      [subscription, id, "queued"],
      [subscription, id, "cancelled"],
    ]);
  });

  test("tells of the jobs named only, and answers with them as they are", async () => {
    const first = await submit("first");
    await submit("second");
    const { jobs, subscription } = await client.result("job.subscribe", { jobs: ["first"] });
    expect(jobs).toMatchObject([{ id: first, state: "queued" }]);
    expect(jobs[0].private).toBeUndefined();
    await client.result("job.cancel", { all: true });
    await client.until("the change", () => told().length > 0);
    expect(told()).toEqual([[subscription, first, "cancelled"]]);
  });

  test("tells in one piece of many jobs that are cancelled together, and of each that is named", async () => {
    const all = await client.result("job.subscribe");
    const ids = [await submit("first"), await submit("second"), await submit("third")];
    const named = await client.result("job.subscribe", { jobs: ["second"] });
    const before = told().length;
    await client.result("job.cancel", { all: true });
    await client.until("the named one", () => told().length > before);
    expect(told().slice(before)).toEqual([[named["subscription"], ids[1], "cancelled"]]);
    expect(client.notes("jobs.cancelled")).toEqual([
      {
        subscription: all["subscription"],
        ids,
        user: "alice",
        ended_at: expect.any(Number),
        outcome: { kind: "cancelled", by: "alice", exit_code: null },
      },
    ]);
  });

  test("tells other users of a job no more than every role may see", async () => {
    const bob = await open((await rpc.give("bob", "viewer")).api_key);
    await bob.result("job.subscribe");
    await submit();
    await bob.until("the news", () => bob.notes("job.changed").length > 0);
    const [note] = bob.notes("job.changed");
    expect(note?.["job"]).toMatchObject({ user: "alice", name: "train" });
    expect(JSON.stringify(note)).not.toContain("command");
  });

  test("knows no jobs that do not exist", async () => {
    const answer = await client.call("job.subscribe", { jobs: ["99"] });
    expect(answer.error?.data?.code).toBe("job-not-found");
  });

  test("sends the answer before the first news, in a batch too", async () => {
    client.send(
      JSON.stringify([
        { jsonrpc: "2.0", id: "s", method: "job.subscribe" },
        { jsonrpc: "2.0", id: "j", method: "job.submit", params: SUBMIT },
      ]),
    );
    await client.until("the news", () => told().length === 1);
    const kinds = client.frames.map((frame) =>
      Array.isArray(frame) ? "answers" : "method" in frame ? frame.method : "answer",
    );
    expect(kinds).toEqual(["hello", "answers", "job.changed"]);
  });

  test("is refused beyond the limit of a connection", async () => {
    for (let i = 0; i < MOST_SUBSCRIPTIONS; i++) await client.result("job.subscribe");
    const answer = await client.call("job.subscribe");
    expect(answer.error?.data?.code).toBe("quota-exceeded");
    await client.result("subscription.end", { subscription: 1 });
    await client.result("job.subscribe");
  });
});

describe("subscription.end", () => {
  test("ends the news, and says whether there was anything to end", async () => {
    const { subscription } = await client.result("job.subscribe");
    const other = await client.result("job.subscribe");
    expect(await client.result("subscription.end", { subscription })).toEqual({ ended: true });
    expect(await client.result("subscription.end", { subscription })).toEqual({ ended: false });
    const id = await submit();
    await client.until("the other's news", () => told().length > 0);
    expect(told()).toEqual([[other["subscription"], id, "queued"]]);
  });

  test("cannot end another connection's subscription", async () => {
    const bob = await open((await rpc.give("bob")).api_key);
    const { subscription } = await client.result("job.subscribe");
    expect(await bob.result("subscription.end", { subscription })).toEqual({ ended: false });
  });
});
