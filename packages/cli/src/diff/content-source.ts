// Where the contents of files come from, to be compared: a job on the box, or the project folder here.
import { readFileSync } from "node:fs";
import { fetchBlobs } from "@fetchml/client/code";
import type { FrozenProject } from "@fetchml/client/project";
import { FetchmlError, type BlobHeader } from "@fetchml/protocol";
import type { Session } from "../session.ts";

/** Gives the contents of files of one tree. */
export interface ContentSource {
  /** The bytes by hash. @throws FetchmlError as `fetchBlobs` does; bad-content for a file here that has changed meanwhile */
  fetch(
    blobs: readonly BlobHeader[],
    onBytes: (bytes: number) => void,
  ): Promise<ReadonlyMap<string, Uint8Array>>;
}

/** The code of a job. */
export function jobSource({ endpoint }: Session, jobId: number): ContentSource {
  return {
    async fetch(blobs, onBytes) {
      const contents = new Map<string, Uint8Array>();
      let hash = "";
      let parts: Uint8Array[] = [];
      await fetchBlobs(endpoint, {
        jobId,
        blobs,
        onProgress: onBytes,
        sink: {
          begin: (blob) => {
            hash = blob.hash;
            parts = [];
          },
          write: (bytes) => void parts.push(bytes),
          end: () => void contents.set(hash, Buffer.concat(parts)),
          drop: () => undefined,
        },
      });
      return contents;
    },
  };
}

/** The project folder as it was frozen a moment ago. */
export function folderSource(frozen: Pick<FrozenProject, "content">): ContentSource {
  return {
    fetch: async (blobs) =>
      new Map(blobs.map(({ hash }) => [hash, frozenBytes(frozen, hash)] as const)),
  };
}

function frozenBytes(frozen: Pick<FrozenProject, "content">, hash: string): Uint8Array {
  const path = frozen.content().files.get(hash)?.path ?? "";
  const bytes = readFileSync(path);
  if (new Bun.CryptoHasher("sha256").update(bytes).digest("hex") === hash) return bytes;
  throw new FetchmlError(
    "bad-content",
    `Cannot compare ${path}: it has changed since the command was typed. Run the command again.`,
  );
}
