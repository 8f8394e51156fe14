// Tests of an open connection: every call ends, however the connection does.
import { afterEach, describe, expect, test } from "bun:test";
import {
  CLOSE_KEY_ENDED,
  CLOSE_TOO_SLOW,
  FetchmlError,
  keyEndReason,
  type Job,
} from "@fetchml/protocol";
import { until } from "./until.fixture.ts";
import { Connection } from "./connection.ts";
import {
  NO_ANSWER,
  startScriptedServer,
  type Peer,
  type Script,
} from "./scripted-server.fixture.ts";

const open: Disposable[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one[Symbol.dispose]();
});

describe("Connection", () => {
  test("gives each call its own answer, whatever the order", async () => {
    const quick = Promise.withResolvers<void>();
    const { connection } = await connected({
      answers: {
        "job.get": async ({ job }: { job: string }) => {
          if (job === "slow") await quick.promise;
          quick.resolve();
          return { name: job };
        },
      },
    });
    const answers = await Promise.all(
      ["slow", "quick"].map((job) => connection.call("job.get", { job })),
    );
    expect(answers.map((job) => job.name)).toEqual(["slow", "quick"]);
  });

  test("rejects with the server's code, message and details", async () => {
    const { connection } = await connected({
      answers: {
        "job.get": (_, peer) => {
          const data = { code: "ambiguous-job", details: { jobs: ["1", "2"], odd: { a: 1 } } };
          const error = { code: 1201, message: "Two of them.\u001b[31m", data };
          peer.send(JSON.stringify({ jsonrpc: "2.0", id: 1, error }));
          return NO_ANSWER;
        },
      },
    });
    const error = await failureOf(connection.call("job.get", { job: "x" }));
    expect(error).toMatchObject({ code: "ambiguous-job", details: { jobs: ["1", "2"] } });
    expect(error.message).toBe("Two of them.[31m");
  });

  test("reads the code from its number when the server knows only JSON-RPC", async () => {
    const { connection } = await connected({
      answers: {
        "job.get": (_, peer) => {
          const error = { code: -32601, message: "no" };
          peer.send(JSON.stringify({ jsonrpc: "2.0", id: 1, error }));
          return NO_ANSWER;
        },
      },
    });
    expect((await failureOf(connection.call("job.get", { job: "x" }))).code).toBe(
      "method-not-found",
    );
  });

  const ends: readonly (readonly [string, (peer: Peer) => void, string])[] = [
    ["a cut", (peer) => peer.cut(), "unreachable"],
    ["a close without a reason", (peer) => peer.close(1000), "unreachable"],
    ["4401 without a word", (peer) => peer.close(CLOSE_KEY_ENDED), "key-invalid"],
    [
      "4401 for expiry",
      (peer) => peer.close(CLOSE_KEY_ENDED, keyEndReason("key-expired")),
      "key-expired",
    ],
    [
      "4401 for a change of role",
      (peer) => peer.close(CLOSE_KEY_ENDED, keyEndReason("role-changed")),
      "not-allowed",
    ],
    ["4408", (peer) => peer.close(CLOSE_TOO_SLOW), "unreachable"],
    ["a stopping server", (peer) => peer.close(1001), "shutting-down"],
    ["a frame that is not JSON", (peer) => peer.send("{"), "internal-error"],
  ];
  for (const [what, end, code] of ends) {
    test(`ends every call in flight with ${code} after ${what}`, async () => {
      const { connection, peer } = await connected({
        answers: { "job.get": () => NO_ANSWER, "user.whoami": () => NO_ANSWER },
      });
      const calls = [
        failureOf(connection.call("job.get", { job: "1" })),
        failureOf(connection.call("user.whoami", {})),
      ];
      end(peer());
      const errors = await Promise.all(calls);
      expect(errors.map((error) => error.code)).toEqual([code, code] as never);
      expect(await connection.closed).toBe(errors[0] as never);
      expect((await failureOf(connection.call("user.whoami", {}))).code).toBe(code as never);
    });
  }

  test("close() ends calls in flight, and is safe twice", async () => {
    const { connection } = await connected({ answers: { "user.whoami": () => NO_ANSWER } });
    const call = failureOf(connection.call("user.whoami", {}));
    connection.close();
    connection.close();
    expect((await call).code).toBe("unreachable");
    expect(await connection.closed).toBeNull();
  });

  test("refuses a request that the server would not take, and stays usable", async () => {
    const { connection } = await connected({ answers: { "job.get": () => ({ id: 1 }) } });
    const error = await failureOf(connection.call("job.get", { job: "x".repeat(70_000) }));
    expect(error.code).toBe("too-large");
    expect(await connection.call("job.get", { job: "1" })).toMatchObject({ id: 1 });
  });

  test("tells listeners until they are taken off", async () => {
    const { connection, peer } = await connected({ answers: { "user.whoami": () => ({}) } });
    const heard: number[] = [];
    const off = connection.on("job.changed", ({ subscription }) => heard.push(subscription));
    connection.on("job.changed", ({ subscription }) => heard.push(-subscription));
    peer().notify("job.changed", { subscription: 1, job: {} as Job });
    peer().notify("unheard.of", {});
    await connection.call("user.whoami", {});
    off();
    off();
    peer().notify("job.changed", { subscription: 2, job: {} as Job });
    await connection.call("user.whoami", {});
    expect(heard).toEqual([1, -1, -2]);
  });

  test("notices that the other end has gone silent", async () => {
    const { connection } = await connected(
      { answers: { "user.whoami": () => NO_ANSWER } },
      // The server's pongs come too late for a limit of nothing.
      { lookEveryMs: 1, silenceMs: 0 },
    );
    const error = await failureOf(connection.call("user.whoami", {}));
    expect(error.code).toBe("unreachable");
    expect(error.message).toContain("went silent");
  });

  test("stays open while the other end answers pings", async () => {
    const { connection, server } = await connected(
      { answers: { "user.whoami": () => ({ user: "alice" }) } },
      { lookEveryMs: 5, silenceMs: 2000 },
    );
    await until(() => server.pings() >= 3);
    expect(await connection.call("user.whoami", {})).toMatchObject({ user: "alice" });
    expect(server.peers).toHaveLength(1);
  });
});

async function connected(script: Script, liveness?: { lookEveryMs: number; silenceMs: number }) {
  const server = startScriptedServer(script);
  open.push(server);
  const connection = new Connection(server.endpoint, liveness);
  open.push({ [Symbol.dispose]: () => connection.close() });
  await connection.ready;
  const peer = () => {
    const [first] = server.peers;
    if (first === undefined) throw new Error("nobody is connected");
    return first;
  };
  return { server, connection, peer };
}

async function failureOf(work: Promise<unknown>): Promise<FetchmlError> {
  const error: unknown = await work.catch((cause: unknown) => cause);
  if (error instanceof FetchmlError) return error;
  throw new Error(`not a FetchmlError: ${String(error)}`);
}
