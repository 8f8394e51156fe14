// Asks for the list of files of a job's code, and believes nothing of it.
import {
  FetchmlError,
  formatSize,
  manifestText,
  manifestTreeProblem,
  STORED_TREE,
  type Manifest,
  type ManifestEntry,
} from "@fetchml/protocol";
import type { Endpoint } from "../client.ts";
import { isRecord, parsedObject } from "../connection/envelope.ts";
import { answerBody } from "../connection/answer-body.ts";
import { requestHttp } from "../connection/http-request.ts";

/** Whose code. */
export interface CodeOf {
  readonly jobId: number;
  /** Id of its snapshot, as the job tells it; `null` when it has none. */
  readonly snapshot: string | null;
}

/**
 * The manifest of a job's code. Its text has the hash that names the snapshot, and its paths and links harm nobody who
 * writes them to disk.
 *
 * @throws FetchmlError the server's refusal; `unreachable`; `bad-content` for a manifest that is not what it claims to be
 */
export async function fetchManifest(
  endpoint: Endpoint,
  { jobId, snapshot }: CodeOf,
): Promise<Manifest> {
  const response = await requestHttp(endpoint, {
    method: "GET",
    path: `/jobs/${jobId}/manifest`,
  });
  const text = await textOf(response, endpoint);
  const hash = new Bun.CryptoHasher("sha256").update(text).digest("hex");
  const manifest = parse(text);
  if (manifest === null) throw bad(jobId, "it is no list of files");
  if (snapshot === null ? manifest.entries.length > 0 : hash !== snapshot) {
    throw bad(jobId, "it is not the one that the job was queued with");
  }
  const problem =
    sizesProblem(manifest) ?? manifestTreeProblem(manifest.entries, RULES)?.why ?? null;
  if (problem !== null) throw bad(jobId, problem);
  return manifest;
}

/** Long ago a path could be longer; a laptop may not tell all names apart, as the box does. */
const RULES = { ...STORED_TREE, foldsNames: true };

/** Far above what any server takes in; below what a laptop cannot hold. */
const MOST_BYTES = 256 * 1024 ** 2;

async function textOf(response: Response, endpoint: Endpoint): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of answerBody(response, endpoint)) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > MOST_BYTES) {
      throw new FetchmlError(
        "too-large",
        `Cannot take the job's list of files: it has more than ${formatSize(MOST_BYTES)}.`,
      );
    }
  }
  // What is no UTF-8 becomes another text, whose hash is another.
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.concat(pieces));
}

function parse(text: string): Manifest | null {
  const value = parsedObject(text);
  const entries: unknown = value?.["entries"];
  if (value?.["version"] !== 1 || !Array.isArray(entries) || !entries.every(isEntry)) return null;
  const manifest: Manifest = { version: 1, entries };
  return manifestText(manifest) === text ? manifest : null;
}

function isEntry(value: unknown): value is ManifestEntry {
  if (!isRecord(value) || typeof value["path"] !== "string") return false;
  if (value["kind"] === "symlink") return typeof value["target"] === "string";
  const { kind, hash, size_bytes: size, executable } = value;
  return (
    kind === "file" &&
    typeof hash === "string" &&
    /^[0-9a-f]{64}$/.test(hash) &&
    Number.isSafeInteger(size) &&
    Number(size) >= 0 &&
    typeof executable === "boolean"
  );
}

function sizesProblem({ entries }: Manifest): string | null {
  const sizes = new Map<string, number>();
  for (const entry of entries) {
    if (entry.kind !== "file") continue;
    const { path, hash, size_bytes: size } = entry;
    if ((sizes.get(hash) ?? size) !== size) {
      return `the path ${JSON.stringify(path)} has the hash of a file of another size`;
    }
    sizes.set(hash, size);
  }
  return null;
}

function bad(jobId: number, why: string): FetchmlError {
  return new FetchmlError(
    "bad-content",
    `Cannot use the list of files of job ${jobId} as it came: ${why}.\nTell the admin of the box; its disk may be damaged.`,
  );
}
