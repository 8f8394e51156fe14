// What freezing a project takes and gives.
import type { GitState, ManifestChange } from "@fetchml/protocol";
import type { Pace } from "../connection/pace.ts";
import type { FrozenContent } from "./frozen-content.ts";
import type { ProjectLimits } from "./limits.ts";
import type { ProjectFile } from "./project-file.ts";
import type { Environment } from "./run-git.ts";

/** What to freeze. */
export interface FreezeOptions {
  /** The project's root, as `findProjectRoot` gives it. */
  readonly root: string;
  /** The project's `ml.toml`; `null` when it has none. */
  readonly projectFile: Pick<ProjectFile, "ignore"> | null;
  /** Cache folder of `ml`: `$XDG_CACHE_HOME/ml` or `~/.cache/ml`; made when missing. `null`: none. */
  readonly cacheDir: string | null;
  /** Whether to read every file again though the cache knows it; the cache is written anew. Default false. */
  readonly fresh?: boolean;
  /** Whether private keys and the like may be in it. FetchML's own API keys never may. Default false. */
  readonly allowSecrets?: boolean;
  readonly home: string;
  readonly env: Environment;
  /** Default: `DEFAULT_LIMITS`. */
  readonly limits?: ProjectLimits;
  /** Epoch milliseconds. Default: the machine's clock. */
  readonly now?: () => number;
  /** How long each answer of Git is waited for, in milliseconds. Default: 10 s for its settings, 30 s for the rest. */
  readonly gitLimitMs?: number | undefined;
  /** Waits between two readings of a file that is being written. Default: the machine's clock. */
  readonly delay?: Pace["delay"];
}

/** A project at one moment. Its files may change afterwards; whoever sends them checks them against their hashes. */
export interface FrozenProject {
  /** The project's root. */
  readonly root: string;
  /** Id of the snapshot: SHA-256 of the manifest's text. */
  readonly snapshot: string;
  /** Where the project stood in Git; `null` when it is in no work tree. */
  readonly git: GitState | null;
  /** For a person, one line each. */
  readonly warnings: readonly string[];
  /** What the snapshot holds; worked out at the first call, as an unchanged project mostly needs its id alone. */
  content(): FrozenContent;
  /** Contents of small files that were read for this, by hash: of them what is sent is what stood there then. */
  readonly kept: ReadonlyMap<string, Uint8Array>;
  /**
   * What differs from the snapshot that was remembered before, which the server may have; `null` when nothing was remembered, or too much
   * differs.
   */
  change(): ManifestChange | null;
  /**
   * Remembers what was found out, so that the next call need not read it again. Best while a server is waited for: it takes 15 ms for
   * 20,000 files. Nothing the second time.
   */
  remember(): void;
}
