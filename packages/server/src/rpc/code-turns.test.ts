// Tests of downloads of code of one user that wait for their turn.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { IssuedKey } from "@fetchml/protocol";
import { revokeKeys } from "../auth/keys.ts";
import { startRpc, until, type RpcFixture } from "./rpc.fixture.ts";
import { packed, sendProject, sha256, type SentProject } from "./sent-project.fixture.ts";
import { TURN_RULES } from "./user-turns.ts";

/** More than the kernel takes in advance. */
const LARGE = "0123456789abcdef".repeat(2 ** 20);

let rpc: RpcFixture;
let alice: IssuedKey;
let sent: SentProject;
/** Ends what a test has left open. */
let ends: AbortController;

beforeEach(async () => {
  rpc = await startRpc({ turnRules: { mostWaiting: 2 } });
  alice = await rpc.give("alice");
  sent = await sendProject(rpc, alice.api_key, { "a.py": "print(1)", "large.bin": LARGE });
  ends = new AbortController();
});
afterEach(async () => {
  ends.abort();
  await rpc.close();
});

function ask(what: "manifest" | "blobs", options: Asked = {}): Promise<Response> {
  const { body = JSON.stringify({ hashes: [sha256("print(1)")] }), key = alice } = options;
  const { signal = ends.signal } = options;
  const answer = fetch(`${rpc.url}/jobs/${sent.jobId}/${what}`, {
    method: what === "blobs" ? "POST" : "GET",
    ...(what === "blobs" && { body }),
    headers: { authorization: `Bearer ${key.api_key}` },
    signal,
  });
  answer.catch(() => undefined);
  return answer;
}

interface Asked {
  readonly body?: Bun.BodyInit;
  readonly key?: IssuedKey;
  readonly signal?: AbortSignal;
}

/** As many as may be at work, none of which has said yet what it wants; resolves when they are known. */
async function beginMost(): Promise<() => void> {
  const senders: ReadableStreamDefaultController[] = [];
  for (let n = 0; n < TURN_RULES.most; n++) {
    void ask("blobs", {
      body: new ReadableStream({ start: (sender) => void senders.push(sender) }),
    });
  }
  await areKnown(TURN_RULES.most);
  return () => {
    for (const sender of senders) {
      sender.enqueue(Buffer.from('{"hashes":[]}'));
      sender.close();
    }
  };
}

const areKnown = (count: number) =>
  until(`${count} downloads are known`, () => rpc.ctx.auth.connections.size === count);

async function codeOf(answer: Promise<Response>) {
  const { error } = (await (await answer).json()) as { error?: { data?: { code?: string } } };
  return error?.data?.code;
}

describe("the fifth download of a user", () => {
  test("waits until one of four has ended; that of another does not", async () => {
    const finish = await beginMost();
    const done: string[] = [];
    const waiting = [
      ask("manifest").then(async (answer) => done.push(await answer.text())),
      ask("blobs").then(async (answer) => done.push(await answer.text())),
    ];
    await areKnown(TURN_RULES.most + waiting.length);
    const admin = await rpc.give("root", "admin");
    expect(await (await ask("manifest", { key: admin })).text()).toBe(sent.manifest);
    expect(done).toEqual([]);
    finish();
    await Promise.all(waiting);
    expect(done.toSorted()).toEqual([packed(["print(1)"]).toString(), sent.manifest].toSorted());
  });

  test("is refused while as many wait as may", async () => {
    await beginMost();
    void ask("manifest");
    void ask("blobs");
    await areKnown(TURN_RULES.most + 2);
    const refused = ask("manifest");
    expect((await refused).status).toBe(429);
    expect(await (await refused).text()).toContain(
      "Cannot give code back: 4 downloads of yours are at work, and 2 wait for their turn.",
    );
  });

  test("ends with its key, and is forgotten when its receiver goes, while it waits", async () => {
    await beginMost();
    const leaving = new AbortController();
    void ask("manifest", { signal: leaving.signal });
    await areKnown(TURN_RULES.most + 1);
    leaving.abort();
    await areKnown(TURN_RULES.most);
    const waiting = ask("manifest");
    await areKnown(TURN_RULES.most + 1);
    await revokeKeys(rpc.ctx.auth, { actor: "root", address: null }, { id: alice.id });
    expect(await codeOf(waiting)).toBe("key-revoked");
    expect(rpc.lines.filter((line) => line.includes("request-failed"))).toEqual([]);
  });
});

test("a download of code gives its turn back when it was taken whole, was refused, and when its receiver goes", async () => {
  const large = JSON.stringify({ hashes: [sha256(LARGE)] });
  for (let n = 0; n < TURN_RULES.most + 2; n++) {
    expect(await (await ask("manifest")).text()).toBe(sent.manifest);
    expect(await codeOf(ask("blobs", { body: "{" }))).toBe("invalid-params");
    const leaving = new AbortController();
    const begun = await ask("blobs", { body: large, signal: leaving.signal });
    expect(begun.status).toBe(200);
    leaving.abort();
    const asking = new AbortController();
    void ask("blobs", { body: large, signal: asking.signal });
    // At some moment before it is answered.
    await until("it is known", () => rpc.ctx.auth.connections.size > 0);
    asking.abort();
  }
  await areKnown(0);
});
