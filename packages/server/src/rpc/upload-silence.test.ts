// Tests of how long the sender of an upload may be silent: less while others wait for its turn, and never counted while the server works.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { randomBytes } from "node:crypto";
import { UPLOAD_LENGTH_HEADER, UPLOAD_OFFSET_HEADER, type IssuedKey } from "@fetchml/protocol";
import { startRpc, until, type RpcFixture } from "./rpc.fixture.ts";
import { sha256 } from "./sent-project.fixture.ts";
import { SILENCE_S, uploadBody } from "./upload-body.ts";
import { TURN_RULES, UserTurns, type Turn } from "./user-turns.ts";

const SHORT_S = TURN_RULES.awaitedSilenceS;

describe("uploadBody()", () => {
  let turns: UserTurns;
  let others: AbortController;
  let given: number[];
  let sender: ReadableStreamDefaultController<Uint8Array> | undefined;

  beforeEach(() => {
    turns = new UserTurns({ most: 1 });
    others = new AbortController();
    given = [];
  });
  afterEach(() => others.abort(new Error("the test ends")));

  /** Reads an upload of the user 1 piece by piece, at its turn. */
  async function atTurn(
    work: (pieces: AsyncGenerator<Uint8Array>, turn: Turn) => Promise<void>,
  ): Promise<void> {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void (sender = controller),
    });
    const request = new Request("http://localhost/blobs", { method: "POST", body });
    const { signal } = new AbortController();
    const allowSilence = (seconds: number) => void given.push(seconds);
    await turns.run(1, signal, (turn) =>
      work(uploadBody(request, { limitBytes: null, signal, allowSilence, turn }), turn),
    );
  }

  function oneMoreWaits(signal = others.signal): void {
    turns.run(1, signal, async () => undefined).catch(() => undefined);
  }

  test("gives all senders the same time while nobody waits for their turn", async () => {
    await atTurn(async (pieces) => {
      const first = pieces.next();
      sender?.enqueue(Buffer.from("a"));
      await first;
      turns.run(2, others.signal, async () => undefined).catch(() => undefined);
      const last = pieces.next();
      sender?.close();
      expect((await last).done).toBe(true);
    });
    expect(given).toEqual([SILENCE_S, SILENCE_S]);
  });

  test("gives less once somebody waits, counted from then on, and no more for whoever comes later or goes", async () => {
    await atTurn(async (pieces) => {
      const first = pieces.next();
      expect(given).toEqual([SILENCE_S]);
      const impatient = new AbortController();
      oneMoreWaits(impatient.signal);
      expect(given).toEqual([SILENCE_S, SHORT_S]);
      oneMoreWaits();
      impatient.abort(new Error("gone"));
      oneMoreWaits();
      expect(given).toEqual([SILENCE_S, SHORT_S]);
      sender?.enqueue(Buffer.from("a"));
      await first;
    });
  });

  test("gives that time anew with each piece, and counts none while the server works", async () => {
    await atTurn(async (pieces) => {
      for (const letter of ["a", "b"]) {
        const next = pieces.next();
        sender?.enqueue(Buffer.from(letter));
        await next;
      }
      given = [];
      // The server writes what has come.
      oneMoreWaits();
      expect(given).toEqual([]);
      const next = pieces.next();
      expect(given).toEqual([SHORT_S]);
      sender?.enqueue(Buffer.from("c"));
      await next;
      expect(given).toEqual([SHORT_S, SILENCE_S]);
      const last = pieces.next();
      sender?.close();
      expect((await last).done).toBe(true);
      // Now it makes the content durable.
      expect(given).toEqual([SHORT_S, SILENCE_S, SHORT_S, SILENCE_S]);
      oneMoreWaits();
      expect(given).toHaveLength(4);
    });
  });
});

describe("uploads of a user of which some hang", () => {
  let rpc: RpcFixture;
  let alice: IssuedKey;
  let sockets: Socket[];

  beforeEach(async () => {
    // Bun makes between 4 and 8 of it.
    rpc = await startRpc({ turnRules: { most: 2, awaitedSilenceS: 5 } });
    alice = await rpc.give("alice");
    sockets = [];
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await rpc.close();
  });

  /** Sends the head of an upload and its first byte. */
  function begin(content: Uint8Array): Socket {
    const socket = connect(rpc.server.port, "127.0.0.1");
    sockets.push(socket);
    // The server ends it.
    socket.on("error", () => undefined);
    const head = {
      host: "localhost",
      authorization: `Bearer ${alice.api_key}`,
      "content-length": String(content.length),
      [UPLOAD_LENGTH_HEADER]: String(content.length),
      [UPLOAD_OFFSET_HEADER]: "0",
    };
    const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`PUT /blobs/${sha256(content)} HTTP/1.1\r\n${lines.join("")}\r\n`);
    socket.write(content.subarray(0, 1));
    return socket;
  }

  const known = () => rpc.ctx.auth.connections.size;

  test("are ended for those that wait, but none of which something comes", async () => {
    const contents = Array.from({ length: 3 }, () => randomBytes(1_000_000));
    const [slow = Buffer.of(), dead = Buffer.of(), waiting = Buffer.of()] = contents;
    const slowSocket = begin(slow);
    let slowAnswer = "";
    slowSocket.on("data", (bytes) => (slowAnswer += bytes.toString("latin1")));
    let sent = 1;
    const sending = setInterval(() => {
      slowSocket.write(slow.subarray(sent, sent + 10));
      sent += 10;
    }, 100);
    let isDeadCut = false;
    begin(dead).on("close", () => (isDeadCut = true));
    try {
      await until("both are at work", () => known() === 2);
      const answer = fetch(`${rpc.url}/blobs/${sha256(waiting)}`, {
        method: "PUT",
        body: waiting,
        headers: {
          authorization: `Bearer ${alice.api_key}`,
          [UPLOAD_LENGTH_HEADER]: String(waiting.length),
          [UPLOAD_OFFSET_HEADER]: "0",
        },
      });
      expect((await answer).status).toBe(200);
      await until("the dead one is cut", () => isDeadCut);
    } finally {
      clearInterval(sending);
    }
    slowSocket.write(slow.subarray(sent));
    await until("the slow one is answered", () => slowAnswer !== "");
    expect(slowAnswer).toStartWith("HTTP/1.1 200");
  }, 60_000);
});
