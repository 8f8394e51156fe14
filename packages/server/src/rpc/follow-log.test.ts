// Logs followed through a connection, from real files.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { logBytes, type LogBytes } from "@fetchml/protocol";
import { watchedLogs } from "../logs/watch-log.ts";
import type { JsonRpcClient } from "./json-rpc-client.fixture.ts";
import { clientFrame, upgradeRequest } from "./raw-http.fixture.ts";
import { until } from "./rpc.fixture.ts";
import { startJobsByHand, type JobsByHand } from "./jobs-by-hand.fixture.ts";

let box: JobsByHand;

beforeEach(async () => {
  box = await startJobsByHand();
});
afterEach(() => box.rpc.close());

/** All bytes of a subscription so far, after a check that no piece overlaps or is left out. */
function followed(client: JsonRpcClient, subscription: number): Buffer {
  const pieces = client.notes("log.data").filter((note) => note["subscription"] === subscription);
  let at: number = pieces[0]?.["offset"] ?? 0;
  for (const piece of pieces) {
    expect(piece["offset"]).toBe(at);
    at = piece["next_offset"];
  }
  return Buffer.concat(pieces.map((piece) => logBytes(piece["bytes"] as LogBytes)));
}

const ends = (client: JsonRpcClient) => client.notes("log.end");

describe("log.subscribe", () => {
  test("replays, follows, and ends with the attempt", async () => {
    const id = await box.submit();
    await box.start(id);
    box.write(id, "first\n");
    const { subscription, attempt, offset, job } = await box.alice.result("log.subscribe", {
      job: `${id}`,
    });
    expect([attempt, offset, job.state]).toEqual([1, 0, "running"]);
    await box.alice.until(
      "first",
      () => followed(box.alice, subscription).toString() === "first\n",
    );
    box.write(id, "second\n");
    await box.alice.until(
      "second",
      () => followed(box.alice, subscription).toString() === "first\nsecond\n",
    );
    box.write(id, "last");
    await box.end(id, 3);
    await box.alice.until("the end", () => ends(box.alice).length === 1);
    expect(followed(box.alice, subscription).toString()).toBe("first\nsecond\nlast");
    expect(ends(box.alice)).toMatchObject([
      {
        subscription,
        next_offset: 17,
        job: { id, state: "failed", outcome: { kind: "exited", exit_code: 3 } },
      },
    ]);
  });

  test("waits for a job that has not started", async () => {
    const id = await box.submit();
    const { subscription, attempt } = await box.alice.result("log.subscribe", { job: `${id}` });
    expect(attempt).toBe(1);
    await box.start(id);
    box.write(id, "hello\n");
    await box.alice.until(
      "the line",
      () => followed(box.alice, subscription).toString() === "hello\n",
    );
    await box.end(id);
    await box.alice.until("the end", () => ends(box.alice).length === 1);
  });

  test("ends at once for a job that has ended, and for one that never started", async () => {
    const id = await box.submit();
    await box.start(id);
    box.write(id, "done\n");
    await box.end(id);
    const { subscription } = await box.alice.result("log.subscribe", { job: `${id}` });
    await box.alice.until("the end", () => ends(box.alice).length === 1);
    expect(followed(box.alice, subscription).toString()).toBe("done\n");
    const never = await box.submit();
    await box.alice.result("job.cancel", { jobs: [`${never}`] });
    await box.alice.result("log.subscribe", { job: `${never}` });
    await box.alice.until("the other end", () => ends(box.alice).length === 2);
    expect(ends(box.alice)[1]).toMatchObject({ next_offset: 0, job: { state: "cancelled" } });
  });

  test("ends a cancelled job's wait", async () => {
    const id = await box.submit();
    await box.alice.result("log.subscribe", { job: `${id}` });
    await box.alice.result("job.cancel", { jobs: [`${id}`] });
    await box.alice.until("the end", () => ends(box.alice).length === 1);
  });

  test("ends with an attempt that is followed by another, whose log can be waited for", async () => {
    const id = await box.submit(1);
    await box.start(id);
    const one = await box.alice.result("log.subscribe", { job: `${id}` });
    box.write(id, "attempt one\n");
    await box.end(id, 1);
    await box.alice.until("the end", () => ends(box.alice).length === 1);
    expect(ends(box.alice)[0]).toMatchObject({ job: { state: "queued", reason: "retry-at" } });
    expect(followed(box.alice, one["subscription"]).toString()).toBe("attempt one\n");
    const two = await box.alice.result("log.subscribe", { job: `${id}`, attempt: 2 });
    expect(two["attempt"]).toBe(2);
    expect(ends(box.alice)).toHaveLength(1);
  });

  test("resumes at an offset without gap or repeat, and begins with the last lines", async () => {
    const id = await box.submit();
    await box.start(id);
    box.write(id, "one\ntwo\nthree\n");
    await box.end(id);
    const resumed = await box.alice.result("log.subscribe", { job: `${id}`, offset: 4 });
    const tail = await box.alice.result("log.subscribe", { job: `${id}`, tail_lines: 1 });
    await box.alice.until("both ends", () => ends(box.alice).length === 2);
    expect(followed(box.alice, resumed["subscription"]).toString()).toBe("two\nthree\n");
    expect(followed(box.alice, tail["subscription"]).toString()).toBe("three\n");
    expect(tail["offset"]).toBe(8);
    const both = await box.alice.call("log.subscribe", { job: `${id}`, offset: 1, tail_lines: 1 });
    expect(both.error?.data?.code).toBe("invalid-params");
  });

  test("sends a large log in pieces of at most 128 KiB, every byte of it", async () => {
    const id = await box.submit();
    await box.start(id);
    const noise = Buffer.alloc(5_000_000, "täglich grüßt das Murmeltier\n");
    noise.fill(0xff, 2_000_000, 2_000_100);
    box.write(id, noise);
    await box.end(id);
    const { subscription } = await box.alice.result("log.subscribe", { job: `${id}` });
    await box.alice.until("the end", () => ends(box.alice).length === 1);
    expect(followed(box.alice, subscription).equals(noise)).toBe(true);
    for (const { offset, next_offset } of box.alice.notes("log.data")) {
      expect(next_offset - offset).toBeLessThanOrEqual(131_072);
    }
  }, 60_000);

  test("leaves no watch behind when it ends, is ended, or loses its connection", async () => {
    const before = watchedLogs();
    const id = await box.submit();
    await box.start(id);
    const other = await box.open((await box.rpc.give("bob", "viewer")).api_key);
    await other.result("log.subscribe", { job: `${id}` });
    const { subscription } = await box.alice.result("log.subscribe", { job: `${id}` });
    await until("it is watched", () => watchedLogs() === before + 1);
    await box.alice.result("subscription.end", { subscription });
    other.close();
    await until("nobody watches", () => watchedLogs() === before);
    await box.end(id);
    await box.alice.result("user.whoami");
    expect(ends(box.alice)).toEqual([]);
  });

  test("never misses an end, at whatever moment it comes", async () => {
    for (let round = 1; round <= 25; round++) {
      const ids = await Promise.all([1, 2, 3, 4].map(() => box.submit()));
      for (const id of ids) await box.start(id);
      for (const id of ids) box.write(id, `${id}\n`);
      await Promise.all(
        ids.flatMap((id) => [
          box.alice.result("log.subscribe", { job: `${id}`, tail_lines: 1 }),
          box.alice.result("user.whoami").then(() => box.end(id)),
        ]),
      );
      await box.alice.until("all ends", () => ends(box.alice).length === 4 * round);
    }
  }, 60_000);
});

describe("a follower that reads slowly", () => {
  test("makes the server wait instead of holding the log in memory, and gets all of it in the end", async () => {
    const id = await box.submit();
    await box.start(id);
    // More than a connection may have buffered: it would be cut off if the log were not held back.
    box.write(id, Buffer.alloc(64 * 1_048_576, "all work and no play\n"));
    await box.end(id);
    const { api_key } = await box.rpc.give("slow", "viewer");
    const socket = connect(box.rpc.server.port, "127.0.0.1", () =>
      socket.write(upgradeRequest({ authorization: `Bearer ${api_key}` })),
    );
    await new Promise((resolve) => socket.once("data", resolve));
    socket.pause();
    const request = { jsonrpc: "2.0", id: 1, method: "log.subscribe", params: { job: `${id}` } };
    socket.write(clientFrame(1, Buffer.from(JSON.stringify(request))));
    // Meanwhile another follower gets all of it: so long the server would have had to fill its memory.
    await box.alice.result("log.subscribe", { job: `${id}` });
    await box.alice.until("the other's end", () => ends(box.alice).length === 1);
    let received = 0;
    let tail = "";
    socket.on("data", (data) => {
      received += data.length;
      tail = (tail + data.toString("latin1")).slice(-500);
    });
    socket.resume();
    await until("the end of the log", () => tail.includes("log.end"));
    socket.destroy();
    expect(received).toBeGreaterThan(64 * 1_048_576);
    expect(box.rpc.lines.join("")).not.toContain("too-slow");
  }, 60_000);
});
