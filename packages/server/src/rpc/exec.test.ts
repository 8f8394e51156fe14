// Commands beside running jobs, over real sockets: whose they may be, and that they end with their connection and key.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { AttemptCommand, AttemptExec } from "../domain/attempt-exec.ts";
import { heardSocket } from "./heard-socket.fixture.ts";
import { JsonRpcClient } from "./json-rpc-client.fixture.ts";
import { startJobsByHand, type JobsByHand } from "./jobs-by-hand.fixture.ts";
import { until } from "./rpc.fixture.ts";
import { RpcSocket } from "./socket.ts";

let jobs: JobsByHand;
let id: number;

/** What was asked of commands, in order; each says "out" once and ends when it is told to. */
const asked: string[] = [];
const exec: AttemptExec = {
  start: async (spec, command) => {
    asked.push(`start ${spec.jobId}#${spec.attempt} ${command.join(" ")}`);
    let exitCode: number | null = null;
    const end = (what: string, code: number) => {
      asked.push(what);
      exitCode ??= code;
    };
    const running: AttemptCommand = {
      read: async () => ({
        stdout: Buffer.from("out"),
        stderr: Buffer.from([0xff]),
        exitCode,
      }),
      write: async (bytes) => void asked.push(`write ${Buffer.from(bytes).toString()}`),
      endInput: () => void asked.push("end of input"),
      signal: (signal) => end(signal, 130),
      close: () => end("close", 143),
    };
    return running;
  },
  close: async () => undefined,
};

beforeAll(async () => {
  jobs = await startJobsByHand();
  Object.assign(jobs.rpc.ctx, { exec });
  id = await jobs.submit();
  await jobs.start(id);
});
afterAll(() => jobs.rpc.close());

const start = (client: JsonRpcClient, job = String(id)) =>
  client.call("exec.start", { job, command: ["ls", "-l"] });
const codeOf = async (answer: ReturnType<JsonRpcClient["call"]>) =>
  (await answer).error?.data?.code;
const open = async (user: string, role?: "viewer" | "admin") => {
  const key = await jobs.rpc.give(user, role);
  return { key, client: await jobs.open(key.api_key) };
};

test("exec is for a job's owner and for admins", async () => {
  const bob = await open("bob");
  const viewer = await open("vera", "viewer");
  const admin = await open("root", "admin");
  expect(await codeOf(start(bob.client))).toBe("not-allowed");
  expect(await codeOf(start(viewer.client))).toBe("not-allowed");
  expect(asked).toEqual([]);
  for (const client of [admin.client, jobs.alice]) {
    const { exec: name } = await client.result("exec.start", { job: `${id}#1`, command: ["ls"] });
    expect(asked.splice(0)).toEqual([`start ${id}#1 ls`]);
    // Its name is of no use to anybody else.
    for (const method of ["exec.read", "exec.write", "exec.signal"]) {
      const params = { exec: name, signal: "INT", bytes: { text: "" } };
      const { exec: only, signal, bytes } = params;
      const fit =
        method === "exec.read"
          ? { exec: only }
          : method === "exec.write"
            ? { exec: only, bytes }
            : { exec: only, signal };
      expect(await codeOf(bob.client.call(method, fit))).toBe("conflict");
    }
    expect(asked).toEqual([]);
    await client.result("exec.signal", { exec: name, signal: "KILL" });
    await client.result("exec.read", { exec: name });
    asked.splice(0);
  }
});

test("exec passes on input, output, signals and the exit code, and forgets a command whose end was told", async () => {
  const { exec: name } = await jobs.alice.result("exec.start", {
    job: String(id),
    command: ["sh"],
  });
  expect(await jobs.alice.result("exec.read", { exec: name })).toEqual({
    stdout: { text: "out" },
    stderr: { base64: "/w==" },
    exit_code: null,
  });
  await jobs.alice.result("exec.write", { exec: name, bytes: { text: "in" }, end: true });
  await jobs.alice.result("exec.signal", { exec: name, signal: "INT" });
  expect(await jobs.alice.result("exec.read", { exec: name })).toMatchObject({ exit_code: 130 });
  expect(asked.splice(0)).toEqual([`start ${id}#1 sh`, "write in", "end of input", "INT", "close"]);
  expect(await codeOf(jobs.alice.call("exec.read", { exec: name }))).toBe("conflict");
});

test("exec is refused without a connection, and where no such attempt runs", async () => {
  const { key } = await open("carol", "admin");
  const request = {
    jsonrpc: "2.0",
    id: 1,
    method: "exec.start",
    params: { job: `${id}`, command: ["ls"] },
  };
  const posted = await jobs.rpc.post(request, { key: key.api_key });
  expect(await posted.text()).toContain("invalid-request");
  expect(await codeOf(start(jobs.alice, `${id}#2`))).toBe("conflict");
  const queued = await jobs.submit();
  expect(await codeOf(start(jobs.alice, String(queued)))).toBe("conflict");
  expect(await codeOf(start(jobs.alice, "999"))).toBe("job-not-found");
  expect(asked).toEqual([]);
});

test("a command ends with its connection, and with the key that it was started with", async () => {
  const box = await JsonRpcClient.connect(`ws+unix://${jobs.rpc.socketPath}:/ws`);
  const first = await open("dora", "admin");
  await start(first.client);
  first.client.close();
  await until("its end", () => asked.includes("close"));
  asked.splice(0);
  const second = await open("emil", "admin");
  await start(second.client);
  await box.result("key.revoke", { id: second.key.id });
  expect(asked.splice(0)).toEqual([`start ${id}#1 ls -l`, "close"]);
  const { entries } = await box.result("audit.list", { limit: 200 });
  const all = entries as readonly { readonly action: string }[];
  const rows = all.filter(({ action }) => action === "exec.start");
  expect(rows.length).toBeGreaterThan(2);
  expect(rows[0]).toMatchObject({ actor: second.key.id, target: `${id}#1`, ok: true });
});

test("a command of a connection that ends before it is started never starts", async () => {
  asked.splice(0);
  const { ws } = heardSocket();
  const principal = { kind: "local", user: "root" } as const;
  const socket = new RpcSocket(jobs.rpc.ctx, { principal, address: null, client: null });
  socket.opened(ws);
  const params = { job: String(id), command: ["late"] };
  // The call waits for this commit.
  const commit = jobs.rpc.ctx.queue.db.write(() => undefined);
  socket.received(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "exec.start", params }));
  socket.closed();
  await commit;
  await start(jobs.alice);
  expect(asked.splice(0)).toEqual([`start ${id}#1 ls -l`]);
});
