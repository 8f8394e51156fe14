// A server for tests that takes snapshots over real sockets and keeps them in memory.
import {
  BLOB_HEADER_BYTES,
  BLOB_STREAM_TYPE,
  CHANGE_START,
  decodeBlobHeader,
  FRAMES_ENCODING,
  SERVER_HEADER,
  UPLOAD_LENGTH_HEADER,
  UPLOAD_OFFSET_HEADER,
  type Manifest,
  type ManifestChange,
} from "@fetchml/protocol";
import type { Endpoint } from "../client.ts";
import { appliedText } from "./applied-change.fixture.ts";
import { unframedBytes } from "./frames.fixture.ts";
import { startUploadProxy } from "./upload-proxy.fixture.ts";

/** What a test may have the server do. */
export interface BlobScript {
  /** The connections end after this many bytes from the client: the first after `cutAfter[0]`, and so on. */
  readonly cutAfter?: readonly number[];
  /** Answers before the server does. */
  readonly before?: (request: Request) => Response | undefined;
  /** Whether it says that it takes frames, and how long it worked. Default false, as servers of old. */
  readonly takesFrames?: boolean;
  /** Whether it takes a list as what differs from one that it has. Default false, as servers of old. */
  readonly takesChanges?: boolean;
}

/** A running server. */
export interface BlobServer extends AsyncDisposable {
  readonly endpoint: Endpoint;
  /** Blobs that came whole, by hash. */
  readonly blobs: Map<string, Uint8Array>;
  /** What has arrived of blobs sent by themselves, by hash. */
  readonly begun: Map<string, Uint8Array>;
  /** Ids of snapshots of which nothing is missing. */
  readonly snapshots: ReadonlySet<string>;
  /** The list of each snapshot that was shown, by id. */
  readonly lists: Map<string, string>;
  /** Of each list that was taken: how many bytes told it by what differs; 0 for a whole one. */
  readonly changes: readonly number[];
  /** Paths of the requests, in order. */
  readonly requests: readonly string[];
  /** Where each blob sent by itself went on. */
  readonly offsets: readonly number[];
  /** Bytes of the bodies of blobs as they came, whole or not. */
  receivedBytes(): number;
  /** Whether no request is being handled. */
  isIdle(): boolean;
}

/** Starts one on a free port of this machine. */
export async function startBlobServer(script: BlobScript = {}): Promise<BlobServer> {
  const blobs = new Map<string, Uint8Array>();
  const begun = new Map<string, Uint8Array>();
  const snapshots = new Set<string>();
  const lists = new Map<string, string>();
  const changes: number[] = [];
  const requests: string[] = [];
  const offsets: number[] = [];
  let received = 0;
  let active = 0;
  const takeBody = async (request: Request): Promise<Uint8Array> => {
    active += 1;
    const wire = await bodyOf(request);
    active -= 1;
    received += wire.length;
    const isFramed = request.headers.get("content-encoding") === FRAMES_ENCODING;
    return isFramed ? unframedBytes(wire) : wire;
  };
  const server = Bun.serve({
    port: 0,
    hostname: "localhost",
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      requests.push(pathname);
      const early = script.before?.(request);
      if (early !== undefined) return early;
      if (pathname === "/snapshots") {
        const isFramed = request.headers.get("content-encoding") === FRAMES_ENCODING;
        const wire = await request.bytes();
        const asked = Buffer.from(isFramed ? unframedBytes(wire) : wire).toString();
        const text = asked.startsWith(CHANGE_START) ? changedList(asked, lists) : asked;
        if (text === null || (text !== asked && script.takesChanges !== true)) return refusal();
        changes.push(text === asked ? 0 : asked.length);
        const snapshot = new Bun.CryptoHasher("sha256").update(text).digest("hex");
        const missing = missingIn(JSON.parse(text) as Manifest, blobs);
        if (missing.length === 0) snapshots.add(snapshot);
        lists.set(snapshot, text);
        const headers = { ...HEADERS, ...(script.takesFrames === true && TELLING) };
        return Response.json({ snapshot, missing, begun: lengthsOf(missing, begun) }, { headers });
      }
      if (request.method === "PUT") {
        const hash = pathname.slice("/blobs/".length);
        const offset = Number(request.headers.get(UPLOAD_OFFSET_HEADER));
        offsets.push(offset);
        const rest = await takeBody(request);
        const bytes = Buffer.concat([(begun.get(hash) ?? NOTHING).subarray(0, offset), rest]);
        begun.set(hash, bytes);
        if (bytes.length !== Number(request.headers.get(UPLOAD_LENGTH_HEADER))) return refusal();
        begun.delete(hash);
        if (sha256(bytes) !== hash) return refusal();
        blobs.set(hash, bytes);
        return Response.json({ stored: 1 }, { headers: HEADERS });
      }
      if (request.headers.get("content-type") !== BLOB_STREAM_TYPE) {
        return new Response("", { status: 415, headers: HEADERS });
      }
      return Response.json(
        { stored: keepWhole(await takeBody(request), blobs) },
        { headers: HEADERS },
      );
    },
  });
  const proxy = await startUploadProxy(server.port ?? 0, script.cutAfter ?? []);
  return {
    endpoint: {
      apiUrl: `ws://localhost:${proxy.port}/ws`,
      apiKey: `fetchml_${"0".repeat(36)}`,
      clientName: "test/1",
    },
    blobs,
    begun,
    snapshots,
    lists,
    changes,
    requests,
    offsets,
    receivedBytes: () => received,
    isIdle: () => active === 0,
    async [Symbol.asyncDispose]() {
      proxy.close();
      await server.stop(true);
    },
  };
}

/** `null` where the list from which it differs is not there. */
function changedList(text: string, lists: ReadonlyMap<string, string>): string | null {
  const change = JSON.parse(text) as ManifestChange;
  const base = lists.get(change.base);
  return base === undefined ? null : appliedText(base, change);
}

const NOTHING = new Uint8Array(0);

const TELLING = { "accept-encoding": FRAMES_ENCODING, "server-timing": "work;dur=0.0" };

function sha256(bytes: Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
}

function refusal(): Response {
  const error = { code: 1206, message: "It does not match.", data: { code: "bad-content" } };
  return Response.json({ error }, { status: 422, headers: HEADERS });
}

function lengthsOf(missing: readonly string[], begun: ReadonlyMap<string, Uint8Array>) {
  return missing.flatMap((hash) => {
    const received_bytes = begun.get(hash)?.length ?? 0;
    return received_bytes === 0 ? [] : [{ hash, received_bytes }];
  });
}

const HEADERS = { [SERVER_HEADER]: "9.9.9" };

function missingIn({ entries }: Manifest, blobs: ReadonlyMap<string, unknown>): readonly string[] {
  const hashes = entries.flatMap((entry) => (entry.kind === "file" ? [entry.hash] : []));
  return [...new Set(hashes)].filter((hash) => !blobs.has(hash));
}

/** What came of a body, also of one that was cut. */
async function bodyOf(request: Request): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of request.body ?? []) pieces.push(piece);
  } catch {
    // The connection was cut.
  }
  return Buffer.concat(pieces);
}

function keepWhole(body: Uint8Array, blobs: Map<string, Uint8Array>): number {
  let stored = 0;
  for (let at = 0; at + BLOB_HEADER_BYTES <= body.length;) {
    const { hash, sizeBytes } = decodeBlobHeader(body.subarray(at));
    const content = body.subarray(at + BLOB_HEADER_BYTES, at + BLOB_HEADER_BYTES + sizeBytes);
    if (content.length < sizeBytes) break;
    if (sha256(content) !== hash) break;
    blobs.set(hash, content);
    stored += 1;
    at += BLOB_HEADER_BYTES + sizeBytes;
  }
  return stored;
}
