// JSON-RPC 2.0 frames: written, and read into what they mean.
import {
  ERROR_CODES,
  FetchmlError,
  isErrorCode,
  type ErrorCode,
  type ErrorDetails,
} from "@fetchml/protocol";

/** What a frame from the server says. */
export type Frame =
  | { readonly kind: "result"; readonly id: number; readonly result: unknown }
  | { readonly kind: "error"; readonly id: number | null; readonly error: FetchmlError }
  | { readonly kind: "notification"; readonly method: string; readonly params: unknown }
  | { readonly kind: "nonsense" };

/** The text of a request. */
export function encodeRequest(id: number, method: string, params: unknown): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method, params });
}

/** Reads one frame. Never throws. Only the envelope is looked at: results are taken as the server's word. */
export function decodeFrame(text: string): Frame {
  const frame = parsedObject(text);
  if (frame === undefined || frame["jsonrpc"] !== "2.0") return { kind: "nonsense" };
  const { id, method } = frame;
  if (typeof method === "string" && id === undefined) {
    return { kind: "notification", method, params: frame["params"] };
  }
  if ("error" in frame && (typeof id === "number" || id === null)) {
    return { kind: "error", id, error: errorOf(frame["error"]) };
  }
  if ("result" in frame && typeof id === "number") {
    return { kind: "result", id, result: frame["result"] };
  }
  return { kind: "nonsense" };
}

/** The error that a JSON-RPC error object stands for; a code of a newer server is kept as `internal-error`. */
export function errorOf(object: unknown): FetchmlError {
  const error = isRecord(object) ? object : {};
  const data = isRecord(error["data"]) ? error["data"] : {};
  const message = typeof error["message"] === "string" ? error["message"] : "";
  return new FetchmlError(
    codeOf(data["code"], error["code"]),
    withoutControls(message) || "The server answered with an error and no words.",
    isRecord(data["details"]) ? { details: plainDetails(data["details"]) } : {},
  );
}

/** Parses JSON that must be an object; `undefined` for anything else. */
export function parsedObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value is a plain object whose fields may be looked at. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function codeOf(word: unknown, number: unknown): ErrorCode {
  if (typeof word === "string" && isErrorCode(word)) return word;
  const found = Object.entries(ERROR_CODES).find(([, entry]) => entry.rpc === number)?.[0];
  return found !== undefined && isErrorCode(found) ? found : "internal-error";
}

// A message goes to a terminal, where control characters would be obeyed.
function withoutControls(message: string): string {
  return message.replace(/(?!\n)\p{Cc}/gu, "");
}

function plainDetails(details: Record<string, unknown>): ErrorDetails {
  return Object.fromEntries(
    Object.entries(details).filter((entry): entry is [string, ErrorDetails[string]] =>
      isPlain(entry[1]),
    ),
  );
}

function isPlain(value: unknown): value is ErrorDetails[string] {
  if (Array.isArray(value)) return value.every((item) => typeof item === "string");
  return ["string", "number", "boolean"].includes(typeof value);
}
