// Makes an admin's call: through the running server's socket, or on the database itself when no server runs.
import {
  FetchmlError,
  isErrorCode,
  type MethodName,
  type ParamsOf,
  type ResultOf,
  type RpcResponse,
} from "@fetchml/protocol";
import { readSettings, type SettingFlags } from "../config/read-settings.ts";
import type { Settings } from "../config/settings.ts";
import { dispatch } from "../rpc/dispatch.ts";
import { openSnapshots } from "../snapshots/snapshots.ts";
import { tryLockDataFolder } from "../store/data-folder-lock.ts";
import { openStore } from "../store/open-store.ts";
import { silentLog } from "../telemetry/log.ts";
import { accountName } from "./account-name.ts";
import { buildContext } from "./build-context.ts";
import { becomeOwner, requireDataFolder, snapshotsPath, socketPath } from "./data-folder.ts";
import { snapshotLimits } from "./snapshot-limits.ts";

/** How long a server may take to answer on its own socket. */
const SOCKET_TIMEOUT_MS = 20_000;

/** The same for calls that may cancel a million jobs. */
const LONG_SOCKET_TIMEOUT_MS = 240_000;

/** Calls a method. */
export type AdminCall = <M extends MethodName>(
  method: M,
  params: ParamsOf<M>,
) => Promise<ResultOf<M>>;

/**
 * Calls a method as the admin of the box.
 * @throws FetchmlError data-folder-not-found, data-folder-in-use, and what the method throws
 */
export function callAsAdmin<M extends MethodName>(
  flags: SettingFlags,
  method: M,
  params: ParamsOf<M>,
): Promise<ResultOf<M>> {
  return asAdmin(flags, (call) => call(method, params));
}

/**
 * Makes several calls as the admin of the box, of which later ones may ask about what earlier ones began. Where no server
 * runs, the folder is owned from the first call to the end.
 * @throws FetchmlError data-folder-not-found, data-folder-in-use, and what the work throws
 */
export async function asAdmin<T>(
  flags: SettingFlags,
  work: (call: AdminCall) => Promise<T>,
): Promise<T> {
  const settings = readSettings(flags);
  requireDataFolder(settings);
  becomeOwner(settings.dataDir);
  const offline: Offline[] = [];
  const answerOf = async (method: MethodName, params: unknown): Promise<unknown> => {
    const [opened] = offline;
    if (opened !== undefined) return opened.call({ method, params });
    const timeoutMs = method === "key.revoke" ? LONG_SOCKET_TIMEOUT_MS : SOCKET_TIMEOUT_MS;
    const answer = await askServer(settings.dataDir, { method, params, timeoutMs });
    if (answer !== null) return answer.result;
    const database = await openOffline(settings);
    offline.push(database);
    return database.call({ method, params });
  };
  try {
    return await work(async (method, params) => {
      const answer = await answerOf(method, params);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both ways answer what the table says
      return answer as ResultOf<typeof method>;
    });
  } finally {
    for (const database of offline) await database.close();
  }
}

/**
 * The running server's answer; `null` when none listens, so that nothing can have been done.
 * @throws FetchmlError data-folder-in-use when it does not answer in time, and what the method throws
 */
export async function askServer(
  dataDir: string,
  {
    method,
    params,
    timeoutMs = SOCKET_TIMEOUT_MS,
  }: { readonly method: string; readonly params: unknown; readonly timeoutMs?: number },
): Promise<{ result: unknown } | null> {
  let answer: RpcResponse;
  try {
    const response = await fetch("http://localhost/rpc", {
      unix: socketPath(dataDir),
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own server's socket answers JSON-RPC
    answer = (await response.json()) as RpcResponse;
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError") throw serverMute(dataDir, error);
    if (isNobodyThere(error)) return null;
    throw serverEnded(method, error);
  }
  if ("result" in answer) return { result: answer.result };
  const { message, data } = answer.error;
  const code = data !== undefined && isErrorCode(data.code) ? data.code : "internal-error";
  throw new FetchmlError(
    code,
    message,
    data?.details === undefined ? {} : { details: data.details },
  );
}

/** No socket, or one that a dead server has left. After any other failure the server may have done what it was asked. */
function isNobodyThere(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "ENOENT" || error.code === "ECONNREFUSED")
  );
}

/** The database itself, opened as the folder's owner for that time. */
interface Offline {
  call(request: { readonly method: string; readonly params: unknown }): Promise<unknown>;
  close(): Promise<void>;
}

async function openOffline(settings: Settings): Promise<Offline> {
  const { dataDir } = settings;
  const lock = tryLockDataFolder(dataDir);
  if (lock === null) throw serverMute(dataDir);
  try {
    const db = openStore(dataDir, Date.now());
    const ctx = buildContext({
      dataDir,
      db,
      snapshots: await openSnapshots(snapshotsPath(dataDir), snapshotLimits(settings)),
      totals: { cpus: 0, mem_bytes: 0, gpu_uuids: [] },
      guards: () => settings.guards,
      disk: () => settings,
      box: { sandbox: "none", cgroups: false, gpus: () => [] },
      log: silentLog,
    });
    const principal = { kind: "local", user: accountName() } as const;
    return {
      call: (request) => dispatch(ctx, { principal, address: null, feed: null }, request),
      close: async () => {
        await ctx.queue.sweeps.close();
        await ctx.collector.close();
        ctx.auth.connections.close();
        await ctx.authenticator.close();
        db.close();
        lock.close();
      },
    };
  } catch (error) {
    lock.close();
    throw error;
  }
}

function serverEnded(method: string, cause: unknown): FetchmlError {
  const look =
    method.startsWith("key.") || method.startsWith("user.") ? "fetchml key list" : "fetchml audit";
  return new FetchmlError(
    "unreachable",
    `The server ended before it answered, so ${method} may have been done or not.\nLook with "${look}" before you type it again.`,
    { cause },
  );
}

function serverMute(dataDir: string, cause?: unknown): FetchmlError {
  return new FetchmlError(
    "data-folder-in-use",
    `A server owns the data folder ${dataDir} and does not answer on its socket.\nIs it starting or stopping? Try again in a moment; if it hangs, end that process and try again.`,
    { cause },
  );
}
