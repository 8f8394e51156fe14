// Tests of following a log: nothing is lost, nothing comes twice, and it ends.
import { afterEach, describe, expect, test } from "bun:test";
import {
  CLOSE_KEY_ENDED,
  CLOSE_TOO_SLOW,
  FetchmlError,
  keyEndReason,
  type Job,
} from "@fetchml/protocol";
import { followLog, type FollowLog } from "./follow-log.ts";
import { linkTo, type Link } from "./link.ts";
import { ScriptedJob } from "./scripted-job.fixture.ts";
import { startScriptedServer } from "./scripted-server.fixture.ts";
import { testPace } from "./test-pace.fixture.ts";
import { until } from "./until.fixture.ts";

const open: Disposable[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one[Symbol.dispose]();
});

describe("followLog()", () => {
  test("gives all bytes of a log in order, then the job", async () => {
    const { job, link } = start();
    const log = Buffer.concat([
      Buffer.from("höre\r12%\r\n"),
      Buffer.from([0xff, 0x00, 0x80, 0xc3]),
    ]);
    job.start(log);
    job.end("succeeded");
    const { bytes, end } = await follow(link, { job: "train" });
    expect(bytes).toEqual(log);
    expect(end.state).toBe("succeeded");
  });

  test("gives what is written while it follows", async () => {
    const { job, link } = start();
    job.start("one\n");
    let text = "";
    for await (const event of followLog(link, { job: "12", pace: testPace() })) {
      if ("end" in event) break;
      text += event.bytes.toString();
      if (text === "one\n") job.write("two\n");
      if (text === "one\ntwo\n") job.end("failed");
    }
    expect(text).toBe("one\ntwo\n");
  });

  test("begins at an offset, or so many lines before the end", async () => {
    const { job, link } = start();
    job.start("a\nbb\nccc\n");
    job.end("succeeded");
    expect((await follow(link, { job: "12", offset: 2 })).bytes.toString()).toBe("bb\nccc\n");
    expect((await follow(link, { job: "12", tailLines: 1 })).bytes.toString()).toBe("ccc\n");
    expect((await follow(link, { job: "12", offset: 9 })).bytes.toString()).toBe("");
  });

  test("waits for a job that has not started", async () => {
    const { job, link } = start();
    const following = follow(link, { job: "train" });
    await until(() => job.subscriptionCount === 1);
    job.change({ state: "starting" });
    job.start("hello");
    job.end("succeeded");
    expect((await following).bytes.toString()).toBe("hello");
  });

  test("ends with a job that is cancelled in the queue", async () => {
    const { job, link } = start();
    const following = follow(link, { job: "train" });
    await until(() => job.subscriptionCount === 1);
    job.change({ state: "cancelled" });
    const { bytes, end } = await following;
    expect([bytes.length, end.state]).toEqual([0, "cancelled"]);
  });

  test("goes on with the next attempt of a job that is queued again", async () => {
    const { job, link } = start();
    job.start("first ");
    job.end("queued", { kind: "exited", exit_code: 1 });
    const following = follow(link, { job: "train" });
    await until(() => job.sentBytes === 6);
    await until(() => job.subscriptionCount === 1);
    job.start("second");
    job.end("succeeded");
    const { bytes, end, attempts } = await following;
    expect(bytes.toString()).toBe("first second");
    expect(attempts).toEqual([1, 2]);
    expect(end.state).toBe("succeeded");
  });

  test("stops after the one attempt that was named", async () => {
    const { job, link } = start();
    job.start("first");
    job.end("queued");
    for (const named of [{ job: "12#1" }, { job: "train#1" }, { job: "12", attempt: 1 }]) {
      const { bytes, end } = await follow(link, named);
      expect([bytes.toString(), end.state]).toEqual(["first", "queued"]);
    }
  });

  test("throws log-not-found for an attempt that will never be", async () => {
    const { job, link } = start();
    job.start("first");
    job.end("succeeded");
    expect((await failureOf(follow(link, { job: "12#2" }))).code).toBe("log-not-found");
    expect((await failureOf(follow(link, { job: "nobody" }))).code).toBe("job-not-found");
  });

  test("drops what the server sends twice, and asks again for what it leaves out", async () => {
    const { job, link } = start();
    const log = Buffer.from(Array.from({ length: 5000 }, (_, at) => at % 251));
    let count = 0;
    job.mangle = (chunk) => {
      count += 1;
      if (count % 5 === 0) return [chunk, chunk];
      return count % 7 === 0 ? [] : [chunk];
    };
    job.start(log);
    job.end("succeeded");
    expect((await follow(link, { job: "12" })).bytes).toEqual(log);
  });

  test("gives up on a server that never sends what comes next", async () => {
    const { job, link } = start();
    job.mangle = (chunk) => [{ ...chunk, offset: chunk.offset + 1 }];
    job.start("something");
    expect((await failureOf(follow(link, { job: "12" }))).code).toBe("internal-error");
  });

  test("keeps unread bytes bounded when the reader is slow", async () => {
    const { job, link } = start();
    const log = Buffer.alloc(3_000_000, "0123456789abcdef\n");
    job.chunkSizes = [50_000];
    job.start(log);
    job.end("succeeded");
    const pieces: Buffer[] = [];
    const events = followLog(link, { job: "12", pace: testPace(), unreadLimitBytes: 200_000 });
    for await (const event of events) {
      if ("end" in event) break;
      pieces.push(event.bytes);
      // The reader takes nothing until the server has sent all that it is going to.
      if (pieces.length === 1) await until(() => job.subscriptionCount === 0);
    }
    expect(Buffer.concat(pieces).equals(log)).toBeTrue();
    // More than the log was sent, since some had to be dropped: the limit was felt.
    expect(job.sentBytes).toBeGreaterThan(log.length);
  });

  test("stops with the key's own error when the key ends, and does not come back", async () => {
    const { job, link, server } = start();
    job.start("some");
    const following = failureOf(follow(link, { job: "12" }));
    await until(() => job.sentBytes === 4);
    server.peers[0]?.close(CLOSE_KEY_ENDED, keyEndReason("key-revoked"));
    expect((await following).code).toBe("key-revoked");
    expect(server.requests).toHaveLength(1);
  });

  test("comes back after it was dropped for reading too slowly", async () => {
    const { job, link, server } = start();
    job.start("some");
    const following = follow(link, { job: "12" });
    await until(() => job.sentBytes === 4);
    server.peers[0]?.close(CLOSE_TOO_SLOW);
    await until(() => server.requests.length === 2);
    job.write(" more");
    job.end("succeeded");
    expect((await following).bytes.toString()).toBe("some more");
  });

  test("stays with its job when the name has come to mean another", async () => {
    const { job, link, server } = start();
    job.start("mine");
    const following = follow(link, { job: "train" });
    await until(() => job.sentBytes === 4);
    job.job = { ...job.job, name: "renamed" };
    server.peers[0]?.cut();
    await until(() => server.requests.length === 2);
    job.end("succeeded");
    expect((await following).bytes.toString()).toBe("mine");
  });

  test("fails at once when the first connection does not come about", async () => {
    const { link, server } = start();
    server[Symbol.dispose]();
    const pace = testPace();
    expect((await failureOf(follow(link, { job: "12", pace }))).code).toBe("unreachable");
    expect(pace.pauses).toEqual([]);
  });

  test("leaves no subscription behind when the reader stops early", async () => {
    const { job, link } = start();
    job.start("some");
    for await (const _ of followLog(link, { job: "12" })) break;
    await until(() => job.subscriptionCount === 0);
  });
});

function start() {
  const job = new ScriptedJob();
  const server = startScriptedServer({ answers: job.answers });
  const link = linkTo(server.endpoint);
  open.push(server, { [Symbol.dispose]: () => link.close() });
  return { job, server, link };
}

async function follow(
  link: Link,
  options: FollowLog,
): Promise<{ bytes: Buffer; end: Job; attempts: number[] }> {
  const pieces: Buffer[] = [];
  const attempts = new Set<number>();
  for await (const event of followLog(link, { pace: testPace(), ...options })) {
    if ("end" in event)
      return { bytes: Buffer.concat(pieces), end: event.end, attempts: [...attempts] };
    pieces.push(event.bytes);
    attempts.add(event.attempt);
  }
  throw new Error("it ended without the job");
}

async function failureOf(work: Promise<unknown>): Promise<FetchmlError> {
  const error: unknown = await work.catch((cause: unknown) => cause);
  if (error instanceof FetchmlError) return error;
  throw new Error(`not a FetchmlError: ${String(error)}`);
}
