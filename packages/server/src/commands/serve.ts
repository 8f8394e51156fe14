// `fetchml serve`: builds the server, runs it until it is told to stop, takes it down again.
import { userInfo } from "node:os";
import { EXIT, FetchmlError, PRODUCT_VERSION } from "@fetchml/protocol";
import { readSettings } from "../config/read-settings.ts";
import type { Settings } from "../config/settings.ts";
import { createLocalExecutor } from "../executor/local/local-executor.ts";
import { createRpcServer } from "../rpc/server.ts";
import { Scheduler } from "../scheduler/scheduler.ts";
import { openSnapshots } from "../snapshots/snapshots.ts";
import { lockDataFolder } from "../store/data-folder-lock.ts";
import { openStore } from "../store/open-store.ts";
import { listUsers } from "../store/users.ts";
import { createLog, type Log } from "../telemetry/log.ts";
import { buildContext } from "./build-context.ts";
import { capacityOf } from "./capacity-of.ts";
import { prepareDataFolder, snapshotsPath, socketPath } from "./data-folder.ts";
import type { Invocation } from "./invocation.ts";
import { say } from "./output.ts";
import { systemClock } from "./system-clock.ts";

/** Runs the server; resolves after it has stopped. */
export async function run({ flags }: Invocation): Promise<number> {
  process.umask(0o077);
  const settings = readSettings(flags);
  refuseOpenAddress(settings);
  refuseMissingSandbox(settings);
  const log = createLog({
    level: settings.logLevel,
    clock: systemClock,
    write: (line) => process.stdout.write(line),
  });
  const stopAsked = whenAskedToStop();
  const server = await start(settings, log);
  const signal = await stopAsked;
  log.info("stopping", { signal });
  await server.stop();
  log.info("stopped");
  return EXIT.ok;
}

interface Running {
  stop(): Promise<void>;
}

/** Opens everything in the order in which each needs the other; what is open is closed again when a later one fails. */
async function start(settings: Settings, log: Log): Promise<Running> {
  const { dataDir } = settings;
  const undo: (() => void | Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of undo.splice(0).toReversed()) await close();
  };
  try {
    for (const mended of prepareDataFolder(dataDir))
      log.warn("data-folder-mended", { what: mended });
    const lock = lockDataFolder(dataDir);
    undo.push(() => lock.close());
    const db = openStore(dataDir, systemClock.now());
    undo.push(() => db.close());
    const capacity = await capacityOf(settings, log);
    const snapshots = await openSnapshots(snapshotsPath(dataDir));
    const executor = createLocalExecutor({
      dataDir,
      capacity,
      checkout: async (snapshot, folder) => {
        if (snapshot !== null) await snapshots.checkout(snapshot, folder);
      },
      baseEnv: settings.jobEnv,
    });
    undo.push(() => executor.close());
    const ctx = buildContext({
      dataDir,
      db,
      snapshots,
      totals: {
        cpus: capacity.cpus,
        mem_bytes: capacity.memBytes,
        gpu_uuids: capacity.gpus.map((gpu) => gpu.uuid),
      },
      box: { sandbox: settings.sandbox, gpus: () => capacity.gpus.map(shownGpu) },
      log,
    });
    undo.push(async () => {
      ctx.auth.connections.close();
      await ctx.authenticator.close();
    });
    const rpc = createRpcServer({
      ctx,
      listen: { hostname: settings.listen.host, port: settings.listen.port },
      allowedHosts: settings.allowedHosts,
      trustedProxies: settings.trustedProxies,
      socketPath: socketPath(dataDir),
      localUser: userInfo().username,
    });
    const scheduler = new Scheduler({ queue: ctx.queue, executor, log });
    undo.push(() => scheduler.stop());
    await rpc.start();
    undo.push(() => rpc.stop());
    await scheduler.start();
    announce(settings, rpc.port, log);
    if (listUsers(db).length === 0) {
      say(
        'No users yet. Add one in another terminal: "fetchml user add NAME", then "fetchml key issue NAME".',
      );
    }
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function announce({ listen, dataDir }: Settings, port: number, log: Log): void {
  const host = listen.host.includes(":") ? `[${listen.host}]` : listen.host;
  log.info("listening", {
    url: `ws://${host}:${port}/ws`,
    data_dir: dataDir,
    version: PRODUCT_VERSION,
  });
}

function whenAskedToStop(): Promise<string> {
  return new Promise((resolve) => {
    process.once("SIGTERM", () => resolve("SIGTERM"));
    process.once("SIGINT", () => resolve("SIGINT"));
  });
}

function refuseOpenAddress({ listen, behindProxy }: Settings): void {
  const isLoopback =
    listen.host === "localhost" || listen.host === "::1" || /^127(\.\d{1,3}){3}$/.test(listen.host);
  if (isLoopback || behindProxy) return;
  throw new FetchmlError(
    "usage",
    `Will not listen on ${listen.host}: keys would cross the network unencrypted.\nKeep 127.0.0.1 and reach it through SSH; or, with a TLS proxy in front, add --behind-proxy.`,
  );
}

function refuseMissingSandbox({ sandbox }: Settings): void {
  if (sandbox === "none") return;
  throw new FetchmlError(
    "box-unfit",
    `This version cannot sandbox jobs yet (asked for: ${sandbox}). A job could read the database and stop the server.\nIf you trust everyone who gets a key, start it with: fetchml serve --sandbox none`,
  );
}

function shownGpu(gpu: { uuid: string; index: number; name: string; memoryBytes: number }) {
  const { memoryBytes, ...rest } = gpu;
  return { ...rest, memory_bytes: memoryBytes, used_by_others: false };
}
