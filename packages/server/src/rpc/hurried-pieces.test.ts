// Tests of how long the receiver of an answer may take nothing: less while others wait for its turn.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { hurriedPieces } from "./hurried-pieces.ts";
import { startRpc, until, type RpcFixture } from "./rpc.fixture.ts";
import { sendProject, sha256 } from "./sent-project.fixture.ts";
import { TURN_RULES, UserTurns } from "./user-turns.ts";

const SHORT_S = TURN_RULES.awaitedSilenceS;

async function* three(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  for (let n = 0; n < 3; n++) yield new Uint8Array([n]);
}

test("hurriedPieces() gives a short time once for each piece, from when somebody waits until nobody does", async () => {
  const turns = new UserTurns({ most: 1 });
  const others = new AbortController();
  const given: number[] = [];
  const oneMoreWaits = () =>
    void turns.run(1, others.signal, async () => undefined).catch(() => undefined);
  const { signal } = new AbortController();
  await turns.run(1, signal, async (turn) => {
    const allowSilence = (seconds: number) => void given.push(seconds);
    const pieces = hurriedPieces(three(), { turn, allowSilence });
    await pieces.next();
    turns.run(2, others.signal, async () => undefined).catch(() => undefined);
    expect(given).toEqual([]);
    oneMoreWaits();
    oneMoreWaits();
    expect(given).toEqual([SHORT_S]);
    expect((await pieces.next()).value).toEqual(new Uint8Array([1]));
    oneMoreWaits();
    expect(given).toEqual([SHORT_S, SHORT_S]);
    others.abort(new Error("they go"));
    await pieces.next();
    await pieces.return();
    turns.run(1, signal, async () => undefined).catch(() => undefined);
    expect(given).toEqual([SHORT_S, SHORT_S]);
  });
});

describe("a download of code that is not taken", () => {
  /** More than the kernel takes in advance. */
  const LARGE = "0123456789abcdef".repeat(2 ** 20);
  let rpc: RpcFixture;

  beforeEach(async () => {
    // Bun makes between 4 and 8 of it.
    rpc = await startRpc({ turnRules: { most: 1, awaitedSilenceS: 5 } });
  });
  afterEach(() => rpc.close());

  test("is ended for the one that waits", async () => {
    const alice = await rpc.give("alice");
    const { jobId, manifest } = await sendProject(rpc, alice.api_key, { "large.bin": LARGE });
    const authorization = `Bearer ${alice.api_key}`;
    const body = JSON.stringify({ hashes: [sha256(LARGE)] });
    let isCut = false;
    const deaf = connect(rpc.server.port, "127.0.0.1");
    deaf.on("error", () => undefined).on("close", () => (isCut = true));
    deaf.once("data", () => deaf.pause());
    const head = `POST /jobs/${jobId}/blobs HTTP/1.1\r\nhost: localhost\r\nauthorization: ${authorization}`;
    deaf.write(`${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    try {
      await until("it has begun", () => deaf.isPaused());
      const headers = { authorization };
      const waiting = await fetch(`${rpc.url}/jobs/${jobId}/manifest`, { headers });
      expect(await waiting.text()).toBe(manifest);
      deaf.resume();
      await until("it is cut", () => isCut);
      expect(deaf.bytesRead).toBeLessThan(LARGE.length);
    } finally {
      deaf.destroy();
    }
  }, 60_000);
});
