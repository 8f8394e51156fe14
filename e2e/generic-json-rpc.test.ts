// Any client that speaks JSON-RPC 2.0 can use the API; what the server answers fits the schemas it publishes.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { MethodName } from "@fetchml/protocol";
import { METHODS } from "@fetchml/protocol/schemas";
import { openBox, until, type Box, type Person } from "./box.ts";

let box: Box;
let alice: Person;
let socket: WebSocket;
const answers = new Map<number, unknown>();
const notifications: unknown[] = [];

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
  await alice.ml(["queue", "quick", "--", "echo", "hello"]);
  await alice.ml(["wait", "quick"]);
  socket = new WebSocket(box.url, { headers: { authorization: `Bearer ${alice.apiKey}` } });
  socket.addEventListener("message", ({ data }) => {
    const frame = JSON.parse(String(data));
    if (typeof frame.id === "number") answers.set(frame.id, frame);
    else notifications.push(frame);
  });
  await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
});

afterAll(async () => {
  socket.close();
  await box.close();
});

/** Sends one bare JSON-RPC request and waits for its answer. */
async function ask(id: number, method: string, params: unknown): Promise<unknown> {
  socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
  await until(() => answers.has(id), `no answer to ${method}`);
  return answers.get(id);
}

test("job.list over a bare WebSocket with a Bearer key", async () => {
  expect(await ask(1, "job.list", { all: true })).toEqual({
    jsonrpc: "2.0",
    id: 1,
    result: {
      jobs: [expect.objectContaining({ name: "quick", state: "succeeded" })],
      next_before_id: null,
    },
  });
});

test("the first frame is the hello", () => {
  expect(notifications[0]).toMatchObject({
    jsonrpc: "2.0",
    method: "hello",
    params: { protocol_version: 1 },
  });
});

test("the same call over POST /rpc, with nothing but HTTP", async () => {
  const response = await fetch(`${box.httpUrl}/rpc`, {
    method: "POST",
    headers: { authorization: `Bearer ${alice.apiKey}` },
    body: JSON.stringify({ jsonrpc: "2.0", id: "x", method: "user.whoami", params: {} }),
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    id: "x",
    result: { user: "alice", role: "member" },
  });
});

test("health needs no key and tells nothing; everything else needs one", async () => {
  for (const path of ["/healthz", "/readyz"]) {
    expect((await fetch(`${box.httpUrl}${path}`)).status).toBe(200);
  }
  for (const path of ["/rpc", "/snapshots", "/blobs"]) {
    expect((await fetch(`${box.httpUrl}${path}`, { method: "POST", body: "{}" })).status).toBe(401);
  }
  expect((await fetch(`${box.httpUrl}/ws`)).status).toBe(401);
});

const submit = {
  name: "held",
  command: { argv: ["true"] },
  cwd: "",
  env: {},
  resources: { gpus: 0, cpus: 1, mem_bytes: 0 },
  timeout_ms: null,
  retries: 0,
  begin_at: null,
  hold: true,
  snapshot: null,
};

/** One good call of every method that a member may make, in an order that works. */
const calls: readonly (readonly [MethodName, unknown])[] = [
  ["server.status", {}],
  ["user.whoami", {}],
  ["rpc.discover", {}],
  ["job.submit", submit],
  ["job.list", { all: true, limit: 1 }],
  ["job.get", { job: "held" }],
  ["job.why", { job: "held" }],
  ["job.release", { job: "held" }],
  ["job.get", { job: "quick" }],
  ["job.why", { job: "quick" }],
  ["log.read", { job: "quick" }],
  ["log.subscribe", { job: "quick" }],
  ["job.subscribe", { jobs: ["quick"] }],
  ["subscription.end", { subscription: 1 }],
];

test("every answer fits the result schema of its method", async () => {
  let id = 100;
  for (const [method, params] of calls) {
    id += 1;
    const frame = (await ask(id, method, params)) as { result?: unknown };
    expect(frame, method).toHaveProperty("result");
    const parsed = METHODS[method].result.safeParse(frame.result);
    expect(parsed.success ? null : parsed.error.issues, method).toBeNull();
  }
});

test("rpc.discover tells of every method with its access", async () => {
  const frame = (await ask(900, "rpc.discover", {})) as {
    result: { openrpc: string; methods: { name: string }[] };
  };
  expect(frame.result.openrpc).toMatch(/^1\./);
  expect(frame.result.methods.map((method) => method.name).toSorted()).toEqual(
    Object.keys(METHODS).toSorted(),
  );
});
