// A call over HTTP whose body is still on its way when its key ends must not be done.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import type { IssuedKey } from "@fetchml/protocol";
import { JsonRpcClient } from "./json-rpc-client.fixture.ts";
import { startRpc, until, type RpcFixture } from "./rpc.fixture.ts";
import { SUBMIT } from "./submit.fixture.ts";

let rpc: RpcFixture;
let alice: IssuedKey;
let box: JsonRpcClient;

beforeEach(async () => {
  rpc = await startRpc();
  alice = await rpc.give("alice");
  box = await JsonRpcClient.connect(`ws+unix://${rpc.socketPath}:/ws`);
});
afterEach(() => rpc.close());

const submit = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "job.submit", params: SUBMIT });

interface Slow {
  readonly socket: Socket;
  /** All that came back by the time the server closed, or an answer was whole. */
  readonly answer: Promise<string>;
}

/** Sends a submit but for its last byte; resolves when the server has begun to read it. */
async function beginSubmit(): Promise<Slow> {
  const socket = connect(rpc.server.port, "127.0.0.1");
  socket.write(
    `POST /rpc HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${alice.api_key}\r\n` +
      `content-type: application/json\r\ncontent-length: ${submit.length}\r\n\r\n${submit.slice(0, -1)}`,
  );
  const answer = new Promise<string>((resolve) => {
    let text = "";
    socket.on("data", (data) => {
      text += data.toString("latin1");
      if (text.includes("}")) resolve(text);
    });
    socket.on("close", () => resolve(text));
    socket.on("error", () => resolve(text));
  });
  await until("it is being read", () => rpc.ctx.auth.connections.size === 1);
  return { socket, answer };
}

const jobCount = async () => {
  const { jobs } = await box.result("job.list", { all: true });
  return Array.isArray(jobs) ? jobs.length : -1;
};

test("a submit that arrives whole while its key is good is done", async () => {
  const { socket, answer } = await beginSubmit();
  socket.write(submit.slice(-1));
  expect(await answer).toContain("200 OK");
  expect(await jobCount()).toBe(1);
  socket.destroy();
});

for (const [method, params, code] of [
  ["key.revoke", () => ({ id: alice.id }), "key-revoked"],
  ["user.disable", () => ({ user: "alice" }), "key-invalid"],
  ["user.set-role", () => ({ user: "alice", role: "viewer" }), "not-allowed"],
] as const) {
  test(`${method} counts and cuts a submit whose body is on its way`, async () => {
    const { socket, answer } = await beginSubmit();
    const ended = await box.result(method, params());
    expect(ended["closed_connections"]).toBe(1);
    expect(rpc.ctx.auth.connections.size).toBe(0);
    socket.write(submit.slice(-1));
    const text = await answer;
    expect(text).not.toContain("200 OK");
    if (text !== "") expect(text).toContain(code);
    expect(await jobCount()).toBe(0);
    socket.destroy();
  });
}
