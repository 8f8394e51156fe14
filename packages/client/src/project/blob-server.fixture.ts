// A server for tests that takes snapshots over real sockets and keeps them in memory.
import { connect, createServer, type Socket } from "node:net";
import {
  BLOB_HEADER_BYTES,
  BLOB_STREAM_TYPE,
  decodeBlobHeader,
  SERVER_HEADER,
  type Manifest,
} from "@fetchml/protocol";
import type { Endpoint } from "../client.ts";

/** What a test may have the server do. */
export interface BlobScript {
  /** The connections end after this many bytes from the client: the first after `cutAfter[0]`, and so on. */
  readonly cutAfter?: readonly number[];
  /** Answers before the server does. */
  readonly before?: (request: Request) => Response | undefined;
}

/** A running server. */
export interface BlobServer extends AsyncDisposable {
  readonly endpoint: Endpoint;
  /** Blobs that came whole, by hash. */
  readonly blobs: Map<string, Uint8Array>;
  /** Ids of snapshots of which nothing is missing. */
  readonly snapshots: ReadonlySet<string>;
  /** Paths of the requests, in order. */
  readonly requests: readonly string[];
  /** Bytes of the bodies of blobs, whole or not. */
  receivedBytes(): number;
  /** Whether no request is being handled. */
  isIdle(): boolean;
}

/** Starts one on a free port of this machine. */
export async function startBlobServer(script: BlobScript = {}): Promise<BlobServer> {
  const blobs = new Map<string, Uint8Array>();
  const snapshots = new Set<string>();
  const requests: string[] = [];
  let received = 0;
  let active = 0;
  const server = Bun.serve({
    port: 0,
    hostname: "localhost",
    async fetch(request) {
      const { pathname } = new URL(request.url);
      requests.push(pathname);
      const early = script.before?.(request);
      if (early !== undefined) return early;
      if (pathname === "/snapshots") {
        const text = await request.text();
        const snapshot = new Bun.CryptoHasher("sha256").update(text).digest("hex");
        const missing = missingIn(JSON.parse(text) as Manifest, blobs);
        if (missing.length === 0) snapshots.add(snapshot);
        return Response.json({ snapshot, missing }, { headers: HEADERS });
      }
      if (request.headers.get("content-type") !== BLOB_STREAM_TYPE) {
        return new Response("", { status: 415, headers: HEADERS });
      }
      active += 1;
      const body = await bodyOf(request);
      active -= 1;
      received += body.length;
      return Response.json({ stored: keepWhole(body, blobs) }, { headers: HEADERS });
    },
  });
  const proxy = await startCuttingProxy(server.port ?? 0, script.cutAfter ?? []);
  return {
    endpoint: {
      apiUrl: `ws://localhost:${proxy.port}/ws`,
      apiKey: `fetchml_${"0".repeat(36)}`,
      clientName: "test/1",
    },
    blobs,
    snapshots,
    requests,
    receivedBytes: () => received,
    isIdle: () => active === 0,
    async [Symbol.asyncDispose]() {
      proxy.close();
      await server.stop(true);
    },
  };
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
    if (new Bun.CryptoHasher("sha256").update(content).digest("hex") !== hash) break;
    blobs.set(hash, content);
    stored += 1;
    at += BLOB_HEADER_BYTES + sizeBytes;
  }
  return stored;
}

async function startCuttingProxy(
  port: number,
  cutAfter: readonly number[],
): Promise<{ readonly port: number; readonly close: () => void }> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((near) => {
    let left = cutAfter[connections++] ?? Infinity;
    const far = connect(port, "localhost");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        near.destroy();
        far.destroy();
      });
    }
    far.pipe(near);
    near.on("data", (bytes: Buffer) => {
      const part = bytes.subarray(0, left);
      left -= bytes.length;
      if (left > 0) far.write(part);
      else far.end(part, () => near.destroy());
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "localhost", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
