// Tests of uploads of one user that wait for their turn.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { UPLOAD_LENGTH_HEADER, UPLOAD_OFFSET_HEADER, type IssuedKey } from "@fetchml/protocol";
import { revokeKeys } from "../auth/keys.ts";
import { startRpc, until, type RpcFixture } from "./rpc.fixture.ts";
import { packed, sha256 } from "./sent-project.fixture.ts";
import { TURN_RULES, UserTurns } from "./user-turns.ts";

let rpc: RpcFixture;
let alice: IssuedKey;
/** Ends what a test has left open. */
let ends: AbortController;

beforeEach(async () => {
  rpc = await startRpc({ turnRules: { mostWaiting: 2 } });
  alice = await rpc.give("alice");
  ends = new AbortController();
});
afterEach(async () => {
  ends.abort();
  await rpc.close();
});

const EMPTY = '{"version":1,"entries":[]}';

interface Sending {
  readonly answer: Promise<Response>;
  /** Sends what is missing. */
  finish(): void;
  /** The sender goes. */
  leave(): void;
}

type Path = "/snapshots" | "/blobs" | "PUT";

/** Sends all but the last byte. */
function begin(path: Path, content: Uint8Array, key = alice): Sending {
  let stream: ReadableStreamDefaultController | undefined;
  const body = new ReadableStream({
    start: (controller) => {
      stream = controller;
      controller.enqueue(content.subarray(0, -1));
    },
  });
  const headers = {
    authorization: `Bearer ${key.api_key}`,
    [UPLOAD_LENGTH_HEADER]: String(content.length),
    [UPLOAD_OFFSET_HEADER]: "0",
  };
  const leaving = new AbortController();
  const signal = AbortSignal.any([leaving.signal, ends.signal]);
  const where = path === "PUT" ? `/blobs/${sha256(content)}` : path;
  const method = path === "PUT" ? "PUT" : "POST";
  const answer = fetch(`${rpc.url}${where}`, { method, body, headers, signal });
  answer.catch(() => undefined);
  return {
    answer,
    finish: () => {
      stream?.enqueue(content.subarray(-1));
      stream?.close();
    },
    leave: () => leaving.abort(),
  };
}

/** Small uploads of each kind, as many as may be at work; resolves when they are known. */
async function beginMost(): Promise<Sending[]> {
  const kinds: readonly Path[] = ["/snapshots", "/blobs", "PUT", "PUT"];
  expect(kinds).toHaveLength(TURN_RULES.most);
  const begun = kinds.map((path, n) => {
    if (path === "/snapshots") return begin(path, Buffer.from(EMPTY));
    return begin(path, path === "PUT" ? randomBytes(100 + n) : packed(["small"]));
  });
  await areKnown(TURN_RULES.most);
  return begun;
}

const areKnown = (count: number) =>
  until(`${count} uploads are known`, () => rpc.ctx.auth.connections.size === count);

/** Large blobs that the server has begun to take. */
const taken = () =>
  readdirSync(join(rpc.ctx.dataDir, "snapshots", "begun"), { recursive: true }).map(String);

const isTaken = (content: Uint8Array) => taken().some((path) => path.endsWith(sha256(content)));

async function codeOf(answer: Promise<Response>) {
  const { error } = (await (await answer).json()) as { error?: { data?: { code?: string } } };
  return error?.data?.code;
}

describe("the fifth upload of a user", () => {
  test("waits until one of four has ended, in the order in which they came, and is taken then", async () => {
    const begun = await beginMost();
    const contents = [randomBytes(3_000_000), randomBytes(3_000_000)];
    const waiting: Sending[] = [];
    for (const content of contents) {
      waiting.push(begin("PUT", content));
      await areKnown(TURN_RULES.most + waiting.length);
    }
    // A question of another user, which the server answers after it has heard of all of them.
    const bob = await rpc.give("bob");
    const other = begin("/snapshots", Buffer.from(EMPTY), bob);
    other.finish();
    expect((await other.answer).status).toBe(200);
    expect(contents.map(isTaken)).toEqual([false, false]);
    begun[0]?.finish();
    expect((await begun[0]?.answer)?.status).toBe(200);
    await until("the first of them is taken", () => isTaken(contents[0] ?? Buffer.of()));
    expect(isTaken(contents[1] ?? Buffer.of())).toBe(false);
    for (const sending of [...begun.slice(1), ...waiting]) sending.finish();
    for (const { answer } of [...begun, ...waiting]) expect((await answer).status).toBe(200);
  });

  test("takes the turn of one whose sender goes", async () => {
    const [first] = await beginMost();
    const waiting = begin("/snapshots", Buffer.from(EMPTY));
    await areKnown(TURN_RULES.most + 1);
    waiting.finish();
    first?.leave();
    expect((await waiting.answer).status).toBe(200);
  });

  test("ends with its key while it waits", async () => {
    await beginMost();
    const waiting = begin("PUT", randomBytes(20_000_000));
    await areKnown(TURN_RULES.most + 1);
    await revokeKeys(rpc.ctx.auth, { actor: "root", address: null }, { id: alice.id });
    expect(await codeOf(waiting.answer)).toBe("key-revoked");
    expect(rpc.ctx.auth.connections.size).toBe(0);
  });

  test("is forgotten when its sender goes while it waits", async () => {
    await beginMost();
    const waiting = begin("/blobs", packed(["small"]));
    await areKnown(TURN_RULES.most + 1);
    waiting.leave();
    await areKnown(TURN_RULES.most);
  });

  test("is refused while as many wait as may", async () => {
    await beginMost();
    const [first] = [begin("/blobs", packed(["small"])), begin("PUT", randomBytes(100))];
    await areKnown(TURN_RULES.most + 2);
    const refused = begin("/snapshots", Buffer.from(EMPTY));
    expect((await refused.answer).status).toBe(429);
    expect(await codeOf(refused.answer)).toBe("quota-exceeded");
    first?.leave();
    await areKnown(TURN_RULES.most + 1);
    begin("/snapshots", Buffer.from(EMPTY));
    await areKnown(TURN_RULES.most + 2);
  });

  test("does not keep the server from stopping", async () => {
    await beginMost();
    const waiting = begin("PUT", randomBytes(20_000_000));
    await areKnown(TURN_RULES.most + 1);
    await rpc.server.stop();
    expect(await codeOf(waiting.answer)).toBe("shutting-down");
  });
});

test("UserTurns makes no user wait for another, and forgets work that failed", async () => {
  const turns = new UserTurns({ most: 1 });
  const { signal } = new AbortController();
  const { promise, reject } = Promise.withResolvers<undefined>();
  const begun: string[] = [];
  const note = (name: string) => async () => void begun.push(name);
  const failing = turns.run(1, signal, () => promise).catch((error: unknown) => error);
  const waiting = turns.run(1, signal, note("alice"));
  await turns.run(2, signal, note("bob"));
  expect(begun).toEqual(["bob"]);
  reject(new Error("cut"));
  expect(String(await failing)).toBe("Error: cut");
  await waiting;
  await turns.run(1, signal, note("alice again"));
  expect(begun).toEqual(["bob", "alice", "alice again"]);
});

describe("UserTurns", () => {
  test("refuses a further upload of a user while the most wait, and says what to do", async () => {
    const turns = new UserTurns({ most: 1, mostWaiting: 2 });
    const { signal } = new AbortController();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const first = turns.run(1, signal, () => promise);
    const leaving = new AbortController();
    const left = turns.run(1, leaving.signal, () => promise).catch((error: unknown) => error);
    const waiting = turns.run(1, signal, async () => "done");
    const tooMany = () => turns.run(1, signal, async () => "done").catch((error: unknown) => error);
    expect(await tooMany()).toMatchObject({ code: "quota-exceeded" });
    expect(String(await tooMany())).toContain(
      "uploads of yours are at work, and 2 wait for their turn.",
    );
    expect(await turns.run(2, signal, async () => "another user")).toBe("another user");
    leaving.abort(new Error("gone"));
    expect(String(await left)).toBe("Error: gone");
    const again = tooMany();
    resolve(undefined);
    await first;
    expect([await waiting, await again]).toEqual(["done", "done"]);
  });
});
