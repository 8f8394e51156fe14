// Makes an admin's call: through the running server's socket, or on the database itself when no server runs.
import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import {
  FetchmlError,
  isErrorCode,
  type MethodName,
  type ParamsOf,
  type ResultOf,
  type RpcResponse,
} from "@fetchml/protocol";
import { readSettings, type SettingFlags } from "../config/read-settings.ts";
import { dispatch } from "../rpc/dispatch.ts";
import { openSnapshots } from "../snapshots/snapshots.ts";
import { tryLockDataFolder } from "../store/data-folder-lock.ts";
import { openStore } from "../store/open-store.ts";
import { silentLog } from "../telemetry/log.ts";
import { buildContext } from "./build-context.ts";
import { becomeOwner, requireDataFolder, snapshotsPath, socketPath } from "./data-folder.ts";

/** How long a server may take to answer on its own socket. */
const SOCKET_TIMEOUT_MS = 20_000;

/**
 * Calls a method as the admin of the box.
 * @throws FetchmlError data-folder-not-found, data-folder-in-use, and what the method throws
 */
export async function callAsAdmin<M extends MethodName>(
  flags: SettingFlags,
  method: M,
  params: ParamsOf<M>,
): Promise<ResultOf<M>> {
  const settings = readSettings(flags);
  requireDataFolder(settings);
  becomeOwner(settings.dataDir);
  const answer =
    (await callServer(settings.dataDir, method, params)) ??
    (await callOffline(settings.dataDir, { method, params }));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both ways answer what the table says
  return answer.result as ResultOf<M>;
}

/** The running server's answer; `null` when none listens. */
async function callServer(
  dataDir: string,
  method: string,
  params: unknown,
): Promise<{ result: unknown } | null> {
  const unix = socketPath(dataDir);
  if (!existsSync(unix)) return null;
  let response: Response;
  try {
    response = await fetch("http://localhost/rpc", {
      unix,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      signal: AbortSignal.timeout(SOCKET_TIMEOUT_MS),
    });
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError") throw serverMute(dataDir, error);
    return null;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own server's socket answers JSON-RPC
  const answer = (await response.json()) as RpcResponse;
  if ("result" in answer) return { result: answer.result };
  const { message, data } = answer.error;
  const code = data !== undefined && isErrorCode(data.code) ? data.code : "internal-error";
  throw new FetchmlError(
    code,
    message,
    data?.details === undefined ? {} : { details: data.details },
  );
}

/** Does the call on the database itself, as the folder's owner for that time. */
async function callOffline(
  dataDir: string,
  request: { readonly method: string; readonly params: unknown },
): Promise<{ result: unknown }> {
  const lock = tryLockDataFolder(dataDir);
  if (lock === null) throw serverMute(dataDir);
  try {
    const db = openStore(dataDir, Date.now());
    const ctx = buildContext({
      dataDir,
      db,
      snapshots: await openSnapshots(snapshotsPath(dataDir)),
      totals: { cpus: 0, mem_bytes: 0, gpu_uuids: [] },
      box: { sandbox: "none", gpus: () => [] },
      log: silentLog,
    });
    try {
      const principal = { kind: "local", user: userInfo().username } as const;
      return { result: await dispatch(ctx, { principal, address: null, feed: null }, request) };
    } finally {
      ctx.auth.connections.close();
      await ctx.authenticator.close();
      db.close();
    }
  } finally {
    lock.close();
  }
}

function serverMute(dataDir: string, cause?: unknown): FetchmlError {
  return new FetchmlError(
    "data-folder-in-use",
    `A server owns the data folder ${dataDir} and does not answer on its socket.\nIs it starting or stopping? Try again in a moment; if it hangs, end that process and try again.`,
    { cause },
  );
}
