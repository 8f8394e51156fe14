// A server for tests that gives out the outputs of job 12 over real sockets, and the folder that they are pulled into.
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  OUTPUT_HASH_PARAMETER,
  OUTPUT_MODIFIED_HEADER,
  OUTPUT_SIZE_HEADER,
  reprDigest,
  SERVER_HEADER,
  type OutputEntry,
  type OutputLine,
} from "@fetchml/protocol";
import type { Endpoint } from "../client.ts";
import { startCuttingProxy, type CuttingProxy } from "../connection/cutting-proxy.fixture.ts";
import { testPace } from "../connection/test-pace.fixture.ts";
import { listOutputs } from "./list-outputs.ts";
import type { Selection } from "./plan-pull.ts";
import { pullOutputs, type PullOptions } from "./pull-outputs.ts";
import type { PulledItem } from "./pulled-item.ts";
import { openTarget } from "./target-folder.ts";

/** A file that the server has; another object in its place is another version of it. */
export interface ServedFile {
  readonly content: Uint8Array;
  readonly modifiedAt: number;
  readonly executable: boolean;
  readonly etag: string;
}

/** A job with outputs, and a laptop. */
export interface PullBench extends AsyncDisposable {
  readonly endpoint: Endpoint;
  /** The files of attempt 1, by path; the test may change them. */
  readonly files: Map<string, ServedFile>;
  /** What else is listed. */
  readonly others: { attempt: number | null; entry: OutputEntry }[];
  /** Every request for files, as `GET /jobs/… bytes=5-` or `POST /jobs/… a b`. */
  readonly requests: readonly string[];
  /** Absolute path of the target. */
  readonly target: string;
  /** How many connections were cut. */
  cuts(): number;
  /** Called before a request for a file is answered; what it answers goes out instead. */
  before: (request: Request) => Response | undefined | Promise<Response | undefined>;
  /** Puts a file there. */
  put(path: string, content?: string | Uint8Array, changes?: Partial<ServedFile>): void;
  /** Lists and pulls. */
  pull(
    changes?: Partial<Selection> & Partial<Omit<PullOptions, "selection">>,
  ): Promise<PulledItem[]>;
  /** `path outcome` of each item that a pull answered. */
  outcomes(items: readonly PulledItem[]): string[];
  /** Everything in the target: content by path; a link as `-> TARGET`. */
  here(): Record<string, string>;
}

/** A moment that files were changed at, epoch milliseconds. */
export const SOME_TIME = Date.UTC(2026, 10, 22, 12);

/** Starts the server. Its first connection, which is that of the list, ends after `cutAfter[0]` bytes, and so on. */
export async function openPullBench(cutAfter: readonly number[] = []): Promise<PullBench> {
  const target = realpathSync(mkdtempSync(join(tmpdir(), "fetchml-pull-")));
  const files = new Map<string, ServedFile>();
  const others: PullBench["others"] = [];
  const requests: string[] = [];
  let versions = 0;
  const server = Bun.serve({
    port: 0,
    hostname: "localhost",
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/jobs/12/outputs") return listing(files, others);
      const paths = request.method === "POST" ? pathsIn(await request.clone().text()) : null;
      requests.push(requestWords(request, paths));
      const early = await bench.before(request);
      if (early !== undefined) return early;
      return paths === null ? fileAnswer(files, request) : bundleAnswer(files, paths);
    },
  });
  const proxy: CuttingProxy = await startCuttingProxy(server.port ?? 0, cutAfter);
  const bench: PullBench = {
    endpoint: {
      apiUrl: `ws://localhost:${proxy.port}/ws`,
      apiKey: `fetchml_${"0".repeat(36)}`,
      clientName: "test/1",
    },
    files,
    others,
    requests,
    target,
    cuts: () => proxy.cuts(),
    before: () => undefined,
    put(path, content = path, changes = {}) {
      versions += 1;
      const encoded = typeof content === "string" ? new TextEncoder().encode(content) : content;
      const file = { content: encoded, modifiedAt: SOME_TIME, executable: false };
      files.set(path, { ...file, etag: `"${versions}"`, ...changes });
    },
    async pull(changes = {}) {
      const {
        globs = [],
        attempts = [1],
        logs = [],
        kind = "outputs",
        platform = "linux",
        allowsGit = false,
      } = changes;
      return pullOutputs(bench.endpoint, {
        listing: await listOutputs(bench.endpoint, "12"),
        target: openTarget(target, 0),
        force: false,
        pace: testPace(),
        ...changes,
        selection: { globs, attempts, logs, kind, platform, allowsGit },
      });
    },
    outcomes: (items) => items.map(({ local_path: path, outcome }) => `${path} ${outcome}`),
    here: () => contentOf(target),
    async [Symbol.asyncDispose]() {
      proxy[Symbol.dispose]();
      await server.stop(true);
      rmSync(target, { recursive: true, force: true });
    },
  };
  return bench;
}

const HEADERS = { [SERVER_HEADER]: "9.9.9" };

/** The content of a folder. */
export function contentOf(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  // Bun's own reading of a whole tree follows links.
  const visit = (inner: string) => {
    for (const name of readdirSync(join(folder, inner)).toSorted()) {
      const path = join(inner, name);
      const stats = lstatSync(join(folder, path));
      if (stats.isDirectory()) visit(path);
      else if (stats.isSymbolicLink()) found[path] = `-> ${readlinkSync(join(folder, path))}`;
      else found[path] = stats.isFile() ? readFileSync(join(folder, path), "latin1") : "special";
    }
  };
  visit("");
  return found;
}

/** An answer with an error of the server's. */
export function errorResponse(code: string, status: number): Response {
  const error = { code: -32000, message: `The server says ${code}.`, data: { code } };
  return Response.json({ jsonrpc: "2.0", id: null, error }, { status, headers: HEADERS });
}

function pathsIn(body: string): readonly string[] {
  const { paths } = JSON.parse(body) as { readonly paths: readonly string[] };
  return paths;
}

function requestWords({ method, url, headers }: Request, paths: readonly string[] | null): string {
  const { pathname, search } = new URL(url);
  const words = [method, pathname + search, headers.get("range") ?? "", ...(paths ?? [])];
  return words.filter((word) => word !== "").join(" ");
}

/** A bundle of those files as the real server makes it. */
export function bundleAnswer(
  files: ReadonlyMap<string, ServedFile>,
  paths: readonly string[],
): Response {
  const frames = paths.flatMap((path) => {
    const file = files.get(path);
    if (file === undefined || file.content.length > SMALL_BYTES) return ['{"size_bytes":null}\n'];
    const { content, modifiedAt } = file;
    const header = { size_bytes: content.length, modified_at: modifiedAt, sha256: sha256(content) };
    return [`${JSON.stringify(header)}\n`, content];
  });
  const body = Buffer.concat(frames.map((frame) => Buffer.from(frame)));
  return new Response(body, { headers: HEADERS });
}

function listing(files: PullBench["files"], others: PullBench["others"]): Response {
  const lines: OutputLine[] = [
    { line: "job", job_id: 12, name: "train", attempts: [{ attempt: 1, ended: true }] },
  ];
  for (const [path, { content, modifiedAt, executable }] of files) {
    const size = { size_bytes: content.length, modified_at: modifiedAt, executable };
    lines.push({ line: "entry", attempt: 1, entry: { kind: "file", path, ...size } });
  }
  for (const other of others) lines.push({ line: "entry", ...other });
  lines.push({ line: "end", complete: true });
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  return new Response(text, { headers: { ...HEADERS, connection: "close" } });
}

/** As the real server answers, in little. */
function fileAnswer(files: PullBench["files"], request: Request): Response {
  const { pathname, searchParams } = new URL(request.url);
  const path = decodeURIComponent(pathname.replace(/^\/jobs\/12(?:%231)?\/(?:outputs\/)?/, ""));
  const file = files.get(path);
  if (file === undefined) return errorResponse("output-not-found", 404);
  const { content, etag, modifiedAt } = file;
  const hashed = searchParams.get(OUTPUT_HASH_PARAMETER);
  if (hashed !== null) return hashAnswer(content, Number(hashed));
  const from = /^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "")?.[1];
  const isPart = from !== undefined && request.headers.get("if-range") === etag;
  const start = isPart ? Number(from) : 0;
  const headers: Record<string, string> = {
    ...HEADERS,
    etag,
    [OUTPUT_SIZE_HEADER]: String(content.length),
    [OUTPUT_MODIFIED_HEADER]: String(modifiedAt),
  };
  if (isPart) headers["content-range"] = `bytes ${start}-${content.length - 1}/${content.length}`;
  else if (content.length <= SMALL_BYTES) headers["repr-digest"] = reprDigest(sha256(content));
  return new Response(content.slice(start), { status: isPart ? 206 : 200, headers });
}

/** As on the real server: smaller ones come with their hash. */
const SMALL_BYTES = 262_144;

function hashAnswer(content: Uint8Array, count: number): Response {
  const hash = count > content.length ? null : sha256(content.subarray(0, count));
  return Response.json({ sha256: hash, size_bytes: content.length }, { headers: HEADERS });
}

function sha256(content: Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(content).digest("hex");
}

/** That many bytes that are not all the same; another seed gives others. */
export function bytes(count: number, seed = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: count }, (_, i) => (i * 31 + (i >> 8) + seed) % 256);
}
