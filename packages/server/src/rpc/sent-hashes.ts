// Remembers the hashes of files that were just sent whole, so that nobody waits until such a file is read once more for its hash.
import type { OutputFile } from "../outputs/output-file.ts";

/** The place of one version of one file. */
export interface KeptHash {
  /** Lower-case hex SHA-256 of all of it; `null` when it was not sent whole lately. */
  find(): string | null;
  keep(sha256: string): void;
}

/** How many are kept: a pull asks for each as soon as it has the file. */
export const MOST_KEPT = 256;

/** The hashes of one server, in its memory alone. The oldest goes first. */
export class SentHashes {
  readonly #hashes = new Map<string, string>();

  /**
   * The place of a file as it was opened; `null` where it may be changed without another tag to show for it. Only for files that no
   * living process has opened for writing: what is written through a mapping shows in no tag for a while.
   *
   * @param path absolute
   */
  of(path: string, { etag }: Pick<OutputFile, "etag">): KeptHash | null {
    if (etag.startsWith("W/")) return null;
    const hashes = this.#hashes;
    const key = `${etag} ${path}`;
    return {
      find: () => hashes.get(key) ?? null,
      keep: (sha256) => {
        hashes.delete(key);
        hashes.set(key, sha256);
        const [oldest] = hashes.keys();
        if (hashes.size > MOST_KEPT && oldest !== undefined) hashes.delete(oldest);
      },
    };
  }
}
