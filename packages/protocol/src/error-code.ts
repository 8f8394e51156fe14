// Every error that FetchML tells a person, as one table: meaning, exit code of the command, JSON-RPC number, HTTP status.

/** Exit codes of `ml` and `fetchml`. */
export const EXIT = {
  ok: 0,
  other: 1,
  usage: 2,
  key: 3,
  unreachable: 4,
  refused: 5,
  notFound: 6,
  interrupted: 130,
} as const;

interface ErrorCodeEntry {
  /** What it means, for the documentation. */
  readonly meaning: string;
  /** What the command line exits with. */
  readonly exit: number;
  /** The number in a JSON-RPC error object; below -32000 those of the JSON-RPC 2.0 specification. */
  readonly rpc: number;
  /** The status when it is answered over HTTP. */
  readonly http: number;
  /** Whether the same request may succeed later unchanged. */
  readonly retryable?: true;
}

/** All error codes. The number of a code is part of the protocol and never changes. */
export const ERROR_CODES = {
  "parse-error": { meaning: "The frame is not JSON.", exit: 1, rpc: -32700, http: 400 },
  "invalid-request": {
    meaning: "The frame is not a JSON-RPC 2.0 request.",
    exit: 1,
    rpc: -32600,
    http: 400,
  },
  "method-not-found": {
    meaning: "The server knows no such method.",
    exit: 1,
    rpc: -32601,
    http: 404,
  },
  "invalid-params": {
    meaning: "The parameters do not fit the method.",
    exit: 2,
    rpc: -32602,
    http: 400,
  },
  "internal-error": {
    meaning: "A fault of the server; its log tells more.",
    exit: 1,
    rpc: -32603,
    http: 500,
  },

  "key-missing": { meaning: "No API key was given.", exit: EXIT.key, rpc: 1001, http: 401 },
  "key-malformed": {
    meaning: "What was given does not have the form of a key.",
    exit: EXIT.key,
    rpc: 1002,
    http: 401,
  },
  "key-invalid": {
    meaning: "The key is wrong, unknown or no longer valid.",
    exit: EXIT.key,
    rpc: 1003,
    http: 401,
  },
  "key-expired": {
    meaning: "The key was right and has expired.",
    exit: EXIT.key,
    rpc: 1004,
    http: 401,
  },
  "key-revoked": {
    meaning: "The key was right and was revoked.",
    exit: EXIT.key,
    rpc: 1005,
    http: 401,
  },
  "not-allowed": {
    meaning: "The role of this user does not allow it.",
    exit: EXIT.key,
    rpc: 1006,
    http: 403,
  },
  "too-many-failures": {
    meaning: "Too many wrong keys; wait a moment.",
    exit: EXIT.key,
    rpc: 1007,
    http: 429,
    retryable: true,
  },

  "job-not-found": {
    meaning: "There is no such job that this user may see.",
    exit: EXIT.notFound,
    rpc: 1101,
    http: 404,
  },
  "user-not-found": {
    meaning: "There is no such user.",
    exit: EXIT.notFound,
    rpc: 1102,
    http: 404,
  },
  "key-not-found": { meaning: "There is no such key.", exit: EXIT.notFound, rpc: 1103, http: 404 },
  "log-not-found": {
    meaning: "The job has no log of that attempt yet.",
    exit: EXIT.notFound,
    rpc: 1104,
    http: 404,
  },
  "data-folder-not-found": {
    meaning: "There is no data folder where it was looked for.",
    exit: EXIT.notFound,
    rpc: 1105,
    http: 404,
  },
  "output-not-found": {
    meaning: "The job has left no such output.",
    exit: EXIT.notFound,
    rpc: 1106,
    http: 404,
  },
  removed: {
    meaning: "It was there, and was removed for its age or to make room.",
    exit: EXIT.notFound,
    rpc: 1107,
    http: 410,
  },

  "ambiguous-job": {
    meaning: "The name fits several unfinished jobs.",
    exit: EXIT.usage,
    rpc: 1201,
    http: 409,
  },
  conflict: {
    meaning: "The state of the thing does not allow it, or it exists already.",
    exit: EXIT.refused,
    rpc: 1202,
    http: 409,
  },
  "impossible-request": {
    meaning: "The box could never run such a job.",
    exit: EXIT.refused,
    rpc: 1203,
    http: 422,
  },
  "quota-exceeded": {
    meaning: "A limit set by the admin is reached.",
    exit: EXIT.refused,
    rpc: 1204,
    http: 429,
  },
  "snapshot-missing": {
    meaning: "The server lacks the snapshot or some of its files; send them and ask again.",
    exit: EXIT.refused,
    rpc: 1205,
    http: 409,
  },
  "bad-content": {
    meaning: "What arrived does not match its hash or its announced form.",
    exit: EXIT.refused,
    rpc: 1206,
    http: 422,
  },
  "too-large": {
    meaning: "A frame, file or request is over its limit.",
    exit: EXIT.refused,
    rpc: 1207,
    http: 413,
  },
  "disk-full": {
    meaning: "The box has no room left.",
    exit: EXIT.refused,
    rpc: 1208,
    http: 507,
    retryable: true,
  },

  "shutting-down": {
    meaning: "The server is stopping; try again shortly.",
    exit: EXIT.unreachable,
    rpc: 1301,
    http: 503,
    retryable: true,
  },
  unreachable: {
    meaning: "No server answers at that address.",
    exit: EXIT.unreachable,
    rpc: 1302,
    http: 503,
    retryable: true,
  },
  "not-fetchml": {
    meaning: "Something else answers at that address.",
    exit: EXIT.unreachable,
    rpc: 1303,
    http: 502,
  },
  "protocol-mismatch": {
    meaning: "Client and server speak different versions of the protocol.",
    exit: EXIT.other,
    rpc: 1304,
    http: 426,
  },

  usage: { meaning: "The command line is wrong.", exit: EXIT.usage, rpc: 1401, http: 400 },
  "bad-file": {
    meaning: "An input file is missing, unreadable or wrong.",
    exit: EXIT.usage,
    rpc: 1402,
    http: 400,
  },
  "bad-project": {
    meaning: "The project folder cannot be sent as it is.",
    exit: EXIT.usage,
    rpc: 1403,
    http: 400,
  },
  "port-taken": {
    meaning: "Another program listens on the port.",
    exit: EXIT.other,
    rpc: 1404,
    http: 500,
  },
  "data-folder-in-use": {
    meaning: "Another server owns the data folder.",
    exit: EXIT.refused,
    rpc: 1405,
    http: 409,
  },
  "box-unfit": {
    meaning: "The box lacks something the server cannot work without.",
    exit: EXIT.other,
    rpc: 1406,
    http: 500,
  },
  interrupted: { meaning: "Ended by Ctrl-C.", exit: EXIT.interrupted, rpc: 1407, http: 500 },
} as const satisfies Readonly<Record<string, ErrorCodeEntry>>;

/** The word for an error. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Whether a word is an error code of this release. */
export function isErrorCode(word: string): word is ErrorCode {
  return Object.hasOwn(ERROR_CODES, word);
}

/** The code's row, with every optional field. */
export function errorCodeEntry(code: ErrorCode): ErrorCodeEntry {
  return ERROR_CODES[code];
}
