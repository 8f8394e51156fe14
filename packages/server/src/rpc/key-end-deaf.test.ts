// A key that ends while many connections are open, some of which do not read.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { startJobsByHand, type JobsByHand } from "./jobs-by-hand.fixture.ts";
import { JsonRpcClient } from "./json-rpc-client.fixture.ts";
import { clientFrame, upgradeRequest } from "./raw-http.fixture.ts";
import { until } from "./rpc.fixture.ts";

/** More than the network takes from the server for one that does not read. */
const LOG_BYTES = 14_000_000;

let jobs: JobsByHand;
beforeEach(async () => {
  jobs = await startJobsByHand();
});
afterEach(() => jobs.rpc.close());

test("key.revoke ends 200 connections, 20 of which do not read, all of them within two seconds", async () => {
  const { rpc } = jobs;
  const box = await JsonRpcClient.connect(`ws+unix://${rpc.socketPath}:/ws`);
  const job = await jobs.submit();
  await jobs.start(job);
  jobs.write(job, "x".repeat(LOG_BYTES));
  const { id, api_key: key } = await rpc.give("bob", "viewer");
  const open = () => rpc.ctx.auth.connections.size - 1;
  const reading = await Promise.all(Array.from({ length: 180 }, () => jobs.open(key)));
  const deaf = Array.from({ length: 20 }, () => openDeaf(rpc.server.port, key, job));
  await until("all are open", () => open() === 200);
  await until("the deaf ones are behind", async () => {
    const queues = await sendQueues(rpc.server.port);
    for (let i = 0; i < 20; i++) await box.result("user.whoami");
    const isSettled = queues.join() === (await sendQueues(rpc.server.port)).join();
    return queues.length === 20 && isSettled;
  });
  const before = Date.now();
  expect((await box.result("key.revoke", { id }))["closed_connections"]).toBe(200);
  expect(open()).toBe(0);
  const ends = await Promise.all(reading.map(({ closed }) => closed));
  expect(new Set(ends.map(({ code }) => code))).toEqual(new Set([4401]));
  await Promise.all(deaf.map(whenCut));
  // Not a measure of speed: that a revoked key is gone by then is a promise.
  expect(Date.now() - before).toBeLessThan(2_000);
}, 60_000);

/** What the kernel has still to send on each connection of a port, in bytes, where that is much. */
async function sendQueues(port: number): Promise<readonly number[]> {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const table = await Bun.file("/proc/net/tcp").text();
  return table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address = ""]) => address.endsWith(local))
    .map(([, , , , queues = "0"]) => Number.parseInt(queues, 16))
    .filter((bytes) => bytes > 100_000);
}

/** A client that asks for all of a log and reads nothing of it. */
function openDeaf(port: number, key: string, job: number): Socket {
  const deaf = connect(port, "127.0.0.1", () =>
    deaf.write(upgradeRequest({ authorization: `Bearer ${key}` })),
  );
  deaf.once("data", () => {
    deaf.pause();
    for (let offset = 0; offset < LOG_BYTES; offset += 1_000_000) {
      const params = { job: `${job}`, offset, limit_bytes: 1_000_000 };
      const ask = JSON.stringify({ jsonrpc: "2.0", id: offset, method: "log.read", params });
      deaf.write(clientFrame(1, Buffer.from(ask)));
    }
  });
  deaf.on("error", () => undefined);
  return deaf;
}

/** Resolves when the other side has cut the connection. What it has sent stays unread, or it could end in peace. */
async function whenCut(deaf: Socket): Promise<void> {
  await until("it is cut", () => {
    if (!deaf.destroyed) deaf.write(clientFrame(9, Buffer.alloc(0)));
    return deaf.destroyed;
  });
}
