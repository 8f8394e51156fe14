// A real server on real sockets over a real store, for the tests of this room.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IssuedKey, Role } from "@fetchml/protocol";
import { Authenticator } from "../auth/authenticate.ts";
import { Connections } from "../auth/connections.ts";
import { systemRandomBytes } from "../auth/context.ts";
import { issueKey } from "../auth/keys.ts";
import { addUser } from "../auth/users.ts";
import { diskUnderTest } from "../domain/disk-room.fixture.ts";
import { DEFAULT_RETENTION } from "../domain/retention-rules.ts";
import { CancelSweeps } from "../queue/cancel-sweeps.ts";
import { News } from "../queue/news.ts";
import { Collector } from "../retention/collector.ts";
import { openSecrets } from "../secrets/secrets.ts";
import { openSnapshots } from "../snapshots/snapshots.ts";
import { openStore } from "../store/open-store.ts";
import { createLog } from "../telemetry/log.ts";
import { makeCodeTurns } from "./code-turns.ts";
import type { RpcContext } from "./context.ts";
import { makeListingTurns } from "./listing-turns.ts";
import { createRpcServer, type RpcServer } from "./server.ts";
import { UserTurns, type TurnRules } from "./user-turns.ts";

export interface RpcFixture {
  readonly ctx: RpcContext;
  readonly server: RpcServer;
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly socketPath: string;
  /** The server's own log so far. */
  readonly lines: string[];
  /** Adds a user and issues a key. */
  give(user: string, role?: Role, validMs?: number | null): Promise<IssuedKey>;
  /** Calls a method over `POST /rpc`. */
  post(body: unknown, options?: PostOptions): Promise<Response>;
  /** Stops the server, closes the store, removes the folder. */
  close(): Promise<void>;
}

export interface PostOptions {
  readonly key?: string | undefined;
  readonly headers?: Record<string, string>;
  /** Through the box's own socket. */
  readonly onBox?: boolean;
}

/** A box of 4 CPUs and one GPU whose server runs on a free port. */
export async function startRpc(
  options: {
    readonly allowedHosts?: readonly string[];
    readonly trustedProxies?: readonly string[];
    readonly turnRules?: Partial<TurnRules>;
  } = {},
): Promise<RpcFixture> {
  const dataDir = mkdtempSync(join(tmpdir(), "fetchml-rpc-"));
  const clock = { now: () => Date.now() };
  const lines: string[] = [];
  const log = createLog({ level: "debug", clock, write: (line) => lines.push(line) });
  const db = openStore(dataDir, clock.now());
  const auth = { db, clock, connections: new Connections(clock), randomBytes: systemRandomBytes };
  const authenticator = new Authenticator({ ...auth, log });
  const gpu = { uuid: "GPU-1", index: 0, name: "H200", memory_bytes: 1 };
  const room = diskUnderTest();
  const snapshots = await openSnapshots(join(dataDir, "snapshots"), undefined, { room });
  const news = new News();
  const { inUse } = snapshots;
  const rules = () => DEFAULT_RETENTION;
  const largestUploadBytes = snapshots.limits.totalBytes;
  const disk = { rules, room, largestUploadBytes };
  const collector = new Collector({ dataDir, db, clock, log, ...disk, inUse, setups: null });
  const ctx: RpcContext = {
    queue: {
      db,
      clock,
      news,
      sweeps: new CancelSweeps({ db, clock, news }),
      totals: { cpus: 4, mem_bytes: 8 * 2 ** 30, gpu_uuids: [gpu.uuid] },
      room,
      random: () => 0,
    },
    auth,
    authenticator,
    snapshots,
    secrets: openSecrets(join(dataDir, "secrets")),
    listingTurns: makeListingTurns(),
    collector,
    box: { sandbox: "none", cgroups: false, gpus: () => [gpu] },
    log,
    dataDir,
    startedAt: clock.now(),
  };
  mkdirSync(join(dataDir, "attempts"));
  const socketPath = join(dataDir, "fetchml.sock");
  const server = createRpcServer({
    ctx,
    listen: { hostname: "127.0.0.1", port: 0 },
    allowedHosts: options.allowedHosts ?? [],
    trustedProxies: options.trustedProxies ?? [],
    socketPath,
    localUser: "root",
    uploadTurns: new UserTurns(options.turnRules),
    codeTurns: makeCodeTurns(options.turnRules),
  });
  await server.start();
  const url = `http://127.0.0.1:${server.port}`;
  const box = { actor: "root", address: null };
  return {
    ctx,
    server,
    url,
    socketPath,
    lines,
    give: async (user, role = "member", validMs) => {
      await addUser(auth, box, { name: user, role });
      return issueKey(auth, box, { user, valid_ms: validMs });
    },
    post: (body, { key, headers = {}, onBox = false } = {}) =>
      fetch(`${onBox ? "http://localhost" : url}/rpc`, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
        headers: {
          "content-type": "application/json",
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          ...headers,
        },
        ...(onBox && { unix: socketPath }),
      }),
    close: async () => {
      await ctx.queue.sweeps.close();
      await server.stop();
      await collector.close();
      await snapshots.close();
      await authenticator.close();
      auth.connections.close();
      db.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Waits until a condition holds; fails after 20 seconds, naming what was waited for. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await Bun.sleep(5);
  }
}
