// `fetchml serve`: builds the server, runs it until it is told to stop, takes it down again.
import { EXIT, FetchmlError, isLoopbackHost, PRODUCT_VERSION } from "@fetchml/protocol";
import { readSettings } from "../config/read-settings.ts";
import type { Settings } from "../config/settings.ts";
import { systemdEnvironment } from "../config/systemd-environment.ts";
import { claimCgroups } from "../executor/cgroup/delegation.ts";
import { createAttemptExec } from "../executor/exec/attempt-exec.ts";
import { GpuWatch } from "../executor/local/gpu-watch.ts";
import { createLocalExecutor } from "../executor/local/local-executor.ts";
import { diskRoom } from "../retention/disk-room.ts";
import { partFromStrays } from "../retention/part-from-strays.ts";
import { createRpcServer } from "../rpc/server.ts";
import { Scheduler } from "../scheduler/scheduler.ts";
import { Upkeep } from "../scheduler/upkeep.ts";
import { openSecrets } from "../secrets/secrets.ts";
import { openSnapshots } from "../snapshots/snapshots.ts";
import { lockDataFolder } from "../store/data-folder-lock.ts";
import { openStore } from "../store/open-store.ts";
import { keepSpareRoom } from "../store/spare-room.ts";
import { listUsers } from "../store/users.ts";
import { createLog, type Log } from "../telemetry/log.ts";
import { Metrics } from "../telemetry/metrics.ts";
import { accountName } from "./account-name.ts";
import { buildContext } from "./build-context.ts";
import { capacityOf } from "./capacity-of.ts";
import { checkoutFor } from "./checkout-for.ts";
import { chooseSandbox } from "./choose-sandbox.ts";
import {
  makeJobsFolders,
  prepareDataFolder,
  secretsPath,
  snapshotsPath,
  socketPath,
} from "./data-folder.ts";
import type { Invocation } from "./invocation.ts";
import { say } from "./output.ts";
import { reload } from "./reload.ts";
import { snapshotLimits } from "./snapshot-limits.ts";
import { startProblem } from "./start-problem.ts";
import { systemClock } from "./system-clock.ts";
import { openSystemdNotice } from "./systemd-notice.ts";
import { watchMetrics } from "./watch-metrics.ts";

/** Runs the server; resolves after it has stopped. */
export async function run({ flags }: Invocation): Promise<number> {
  process.umask(0o077);
  const read = () => readSettings(flags);
  const settings = read();
  refuseOpenAddress(settings);
  let inForce = settings;
  surviveLostOutput();
  const log = createLog({
    level: () => inForce.logLevel,
    clock: systemClock,
    write: (lines, done) => process.stdout.write(lines, done),
  });
  const stopAsked = whenAskedToStop();
  const running: Running[] = [];
  const take = (wanted: Settings): void => running[0]?.take(wanted);
  // From the start on: without a listener it would end the server.
  const hangUp = (): void => {
    inForce = reload(inForce, { log, read, apply: take });
  };
  process.on("SIGHUP", hangUp);
  const server = await start(settings, { log, read });
  running.push(server);
  server.take(inForce);
  const systemd = openSystemdNotice(systemdEnvironment());
  systemd.tell("READY=1");
  const signal = await stopAsked;
  process.off("SIGHUP", hangUp);
  log.info("stopping", { signal });
  systemd.tell("STOPPING=1");
  await server.stop();
  systemd.close();
  log.info("stopped");
  return EXIT.ok;
}

/** Without a listener, a log on a full disk or in a pipe that nobody reads any more would end the server. */
function surviveLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
}

interface Running {
  /** Takes the settings that a running server can take. */
  take(settings: Settings): void;
  stop(): Promise<void>;
}

/** Opens everything in the order in which each needs the other; what is open is closed again when a later one fails. */
async function start(
  settings: Settings,
  { log, read }: { readonly log: Log; readonly read: () => Settings },
): Promise<Running> {
  const { dataDir } = settings;
  let inForce = settings;
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
    makeJobsFolders(dataDir);
    const capacity = await capacityOf(settings, log);
    const snapshots = await openSnapshots(snapshotsPath(dataDir), snapshotLimits(settings), {
      room: diskRoom(dataDir, () => inForce.minFree),
    });
    undo.push(() => snapshots.close());
    const cgroups = claimCgroups(settings.memBytes);
    const sandbox = await chooseSandbox(settings, { log, cgroups });
    const secrets = openSecrets(secretsPath(dataDir));
    const local = {
      dataDir,
      capacity,
      checkout: checkoutFor(snapshots, db),
      baseEnv: settings.jobEnv,
      sandbox,
      cgroups: cgroups.kind === "delegated" ? cgroups.attempts : null,
      mounts: settings.mounts,
      secrets,
    };
    const executor = createLocalExecutor(local);
    undo.push(() => executor.close());
    const alive = () => executor.alive();
    await partFromStrays({ dataDir, db, log, alive, now: systemClock.now() });
    const exec = createAttemptExec({ local, executor });
    undo.push(() => exec.close());
    const gpuUuids = capacity.gpus.map((gpu) => gpu.uuid);
    const gpuWatch = new GpuWatch({
      dataDir,
      gpuUuids,
      alive,
      log,
      onChange: () => ctx.queue.news.publish({ kind: "capacity-changed" }),
    });
    undo.push(() => gpuWatch.close());
    const metrics = new Metrics();
    const ctx = buildContext({
      dataDir,
      exec,
      metrics,
      db,
      snapshots,
      totals: {
        cpus: capacity.cpus,
        mem_bytes: capacity.memBytes,
        gpu_uuids: gpuUuids,
        mounts: settings.mounts.map(({ path }) => path),
      },
      guards: () => inForce.guards,
      gpuUse: () => gpuWatch.use,
      disk: () => inForce,
      diskInFile: read,
      box: {
        sandbox: sandbox.kind,
        cgroups: cgroups.kind === "delegated",
        gpus: () => capacity.gpus.map(shownGpu),
        silence: (attempt) => executor.silence(attempt),
      },
      log,
    });
    watchMetrics(metrics, { db, news: ctx.queue.news });
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
      localUser: accountName(),
    });
    const scheduler = new Scheduler({ queue: ctx.queue, executor, log });
    undo.push(() => scheduler.stop());
    await Promise.race([gpuWatch.start(), Bun.sleep(FIRST_LOOK_MS)]);
    await rpc.start();
    undo.push(() => rpc.stop());
    // Before that: calls that wait for a long cancel are answered then.
    undo.push(() => ctx.queue.sweeps.close());
    await scheduler.start();
    const upkeep = new Upkeep({
      collector: ctx.collector,
      room: ctx.queue.room,
      keepSpareRoom: () => keepSpareRoom(db),
      log,
    });
    undo.push(async () => {
      await ctx.collector.close();
      await upkeep.close();
    });
    upkeep.start();
    announce(settings, rpc.port, log);
    if (listUsers(db).length === 0) {
      say(
        'No users yet. Add one in another terminal: "fetchml user add NAME", then "fetchml key issue NAME".',
      );
    }
    const take = (wanted: Settings): void => {
      rpc.setRules(wanted);
      inForce = wanted;
    };
    return { stop, take };
  } catch (error) {
    await stop();
    throw startProblem(error, dataDir);
  }
}

/** How long the start waits to know who else uses the GPUs. */
const FIRST_LOOK_MS = 5_000;

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
  if (isLoopbackHost(listen.host) || behindProxy) return;
  throw new FetchmlError(
    "usage",
    `Will not listen on ${listen.host}: keys would cross the network unencrypted.\nKeep 127.0.0.1 and reach it through SSH; or, with a TLS proxy in front, add --behind-proxy.`,
  );
}

function shownGpu(gpu: { uuid: string; index: number; name: string; memoryBytes: number }) {
  const { memoryBytes, ...rest } = gpu;
  return { ...rest, memory_bytes: memoryBytes };
}
