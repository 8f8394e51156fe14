// A server for tests that gives the code of one job back over real sockets, in honest and in dishonest ways.
import {
  BLOB_STREAM_TYPE,
  encodeBlobHeader,
  manifestText,
  SERVER_HEADER,
  type Manifest,
  type ManifestEntry,
} from "@fetchml/protocol";
import type { Endpoint } from "../client.ts";
import { startCuttingProxy } from "../connection/cutting-proxy.fixture.ts";

/** A tree in words: text is a file, `exec` one that may be executed, `link` a link. */
export type TreeText = Readonly<
  Record<string, string | { readonly exec: string } | { readonly link: string }>
>;

/** What a test may have the server do. */
export interface CodeScript {
  /** The connections end after this many bytes from the server: the first after `cutAfter[0]`, and so on. */
  readonly cutAfter?: readonly number[];
  /** Puts other bytes into the place of a content. */
  readonly tamper?: (content: Uint8Array, hash: string) => Uint8Array | null;
  /** Answers before the server does. */
  readonly before?: (request: Request) => Response | undefined;
}

/** A running server with one job, 12. */
export interface CodeServer extends AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly manifest: Manifest;
  readonly snapshot: string;
  /** The hashes that were asked for, request by request. */
  readonly asked: readonly (readonly string[])[];
}

/** Lower-case hex SHA-256. */
export function sha256(content: string | Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(content).digest("hex");
}

/** The entries of a tree, in the order of a manifest. */
export function entriesOf(tree: TreeText): ManifestEntry[] {
  return Object.entries(tree)
    .map(([path, thing]): ManifestEntry => {
      if (typeof thing !== "string" && "link" in thing) {
        return { kind: "symlink", path, target: thing.link };
      }
      const content = typeof thing === "string" ? thing : thing.exec;
      return {
        kind: "file",
        path,
        size_bytes: Buffer.byteLength(content),
        hash: sha256(content),
        executable: typeof thing !== "string",
      };
    })
    .toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

/** Serves that tree; `text` puts another text into the place of its manifest. */
export async function serveCode(
  tree: TreeText,
  script: CodeScript & { readonly text?: string } = {},
): Promise<CodeServer> {
  const manifest: Manifest = { version: 1, entries: entriesOf(tree) };
  const text = script.text ?? manifestText(manifest);
  const contents = new Map<string, Uint8Array>();
  for (const thing of Object.values(tree)) {
    if (typeof thing !== "string" && "link" in thing) continue;
    const bytes = new TextEncoder().encode(typeof thing === "string" ? thing : thing.exec);
    contents.set(sha256(bytes), bytes);
  }
  const asked: string[][] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "localhost",
    async fetch(request) {
      const early = script.before?.(request);
      if (early !== undefined) return early;
      const { pathname } = new URL(request.url);
      if (pathname === "/jobs/12/manifest") return new Response(text, { headers: HEADERS });
      const { hashes } = (await request.json()) as { hashes: string[] };
      asked.push(hashes);
      const parts = hashes.flatMap((hash) => {
        const content = contents.get(hash) ?? new Uint8Array(0);
        const sent = script.tamper === undefined ? content : script.tamper(content, hash);
        return sent === null ? [] : [encodeBlobHeader({ hash, sizeBytes: sent.length }), sent];
      });
      return new Response(Buffer.concat(parts), {
        headers: { ...HEADERS, "content-type": BLOB_STREAM_TYPE },
      });
    },
  });
  const proxy = await startCuttingProxy(server.port ?? 0, script.cutAfter ?? []);
  return {
    endpoint: {
      apiUrl: `ws://localhost:${proxy.port}/ws`,
      apiKey: `fetchml_${"0".repeat(36)}`,
      clientName: "test/1",
    },
    manifest,
    snapshot: sha256(text),
    asked,
    async [Symbol.asyncDispose]() {
      proxy[Symbol.dispose]();
      await server.stop(true);
    },
  };
}

const HEADERS = { [SERVER_HEADER]: "9.9.9" };
