// Turns what was thrown into the error that a caller sees, without anything of the server's inside.
import { randomUUID } from "node:crypto";
import { ERROR_CODES, FetchmlError, redactApiKeys, type RpcErrorObject } from "@fetchml/protocol";
import type { Log } from "../telemetry/log.ts";

/**
 * The error as this protocol tells it. One that is no FetchmlError is a fault of the server: it is logged with its stack, and
 * the caller gets a number to find it by.
 * @param during what was under way, for the log.
 */
export function asFetchmlError(error: unknown, during: string, log: Log): FetchmlError {
  if (error instanceof FetchmlError) return error;
  if (isDiskFull(error)) {
    log.error("disk-full", { during, error });
    return new FetchmlError(
      "disk-full",
      "The box has no room left, so nothing was stored. Tell your admin, then try again.",
    );
  }
  if (isUnwritable(error)) {
    log.error("disk-unwritable", { during, error });
    return new FetchmlError(
      "box-unfit",
      "The box's disk cannot be written, it is read-only or broken, so nothing was stored. Tell your admin.",
    );
  }
  const incident = randomUUID().slice(0, 8);
  log.error("request-failed", { during, incident, error });
  return new FetchmlError(
    "internal-error",
    `The server failed at this request. Its log tells why: look for incident ${incident}.`,
    { details: { incident } },
  );
}

/** The error object of a JSON-RPC answer. A key that the caller put into a request is not shown back. */
export function rpcErrorOf(error: FetchmlError): RpcErrorObject {
  return {
    code: ERROR_CODES[error.code].rpc,
    message: redactApiKeys(error.message),
    data: {
      code: error.code,
      ...(Object.keys(error.details).length > 0 && { details: error.details }),
    },
  };
}

function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.code === "SQLITE_FULL" || error.code === "ENOSPC" || error.code === "EDQUOT";
}

function isUnwritable(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return /^(?:EROFS|EIO|SQLITE_READONLY|SQLITE_IOERR)/.test(String(error.code));
}
