// Lists and reads a project, once more when what was listed is gone by the time it is read: a file that is saved may be away for a moment.
import { systemPace, type Pace } from "../connection/pace.ts";
import { isOlder, isSameStamp } from "./file-stamp.ts";
import { filesAndFolders, type FilesAndFolders } from "./folder-rules.ts";
import type { FileContent, HashedTree, HashingOptions } from "./hash-found.ts";
import type { ProjectTree } from "./project-tree.ts";

/** How a project is listed and read. */
export interface TreeReading<Read extends HashedTree> {
  /** @param last what was listed before; `null`: nothing */
  readonly list: (last: ProjectTree | null) => Promise<ProjectTree>;
  /** @param last what was read before; `null`: nothing */
  readonly hash: (
    tree: ProjectTree,
    from: { readonly known: HashingOptions["known"]; readonly last: Read | null },
  ) => Promise<Read>;
  /** What is known before anything was read. */
  readonly known: HashingOptions["known"];
  /** When this began; epoch milliseconds. */
  readonly lookedAt: number;
  readonly delay?: Pace["delay"] | undefined;
}

/**
 * Lists a project and reads it. A file of the list that is then gone is left out only when two further lists lack it. Where
 * files come and go all the time it ends after a few pauses, with what was read last.
 */
export async function readTree<Read extends HashedTree>(
  reading: TreeReading<Read>,
): Promise<{ readonly tree: ProjectTree; readonly read: Read }> {
  const { list, hash, lookedAt, delay = (ms) => systemPace.delay(ms) } = reading;
  let { known } = reading;
  let tree = await list(null);
  let read = await hash(tree, { known, last: null });
  const missed = new Set([...tree.gone, ...read.gone]);
  for (const pauseMs of PAUSES_MS) {
    // With an obstacle it is refused anyway.
    if (missed.size === 0 || read.obstacles.length > 0) break;
    await delay(pauseMs);
    known = knownAfter(read, { known, lookedAt });
    const before = listed(tree);
    const last = read;
    tree = await list(tree);
    read = await hash(tree, { known, last });
    read = { ...read, kept: new Map([...last.kept, ...read.kept]) };
    const now = listed(tree);
    for (const path of missed) if (holds(now, path) || !holds(before, path)) missed.delete(path);
    for (const path of [...tree.gone, ...read.gone]) missed.add(path);
  }
  return { tree, read };
}

/** A file is away for a few milliseconds while it is saved; what comes and goes without end is not waited for. */
const PAUSES_MS: readonly number[] = [20, 60, 180];

function listed({ found, gone }: ProjectTree): FilesAndFolders {
  return filesAndFolders([...found.map(({ path }) => path), ...gone]);
}

function holds({ files, folders }: FilesAndFolders, path: string): boolean {
  return files.has(path) || folders.has(path);
}

/** What was read is not read again, unless it changed so late that its time may not show another change. */
function knownAfter(
  { entries }: HashedTree,
  { known, lookedAt }: Pick<TreeReading<HashedTree>, "known" | "lookedAt">,
): HashingOptions["known"] {
  const read = new Map(entries.map((entry) => [entry.path, entry]));
  return (path, stamp): FileContent | null => {
    const entry = read.get(path);
    if (entry?.kind !== "file") return known?.(path, stamp) ?? null;
    return isSameStamp(entry.stamp, stamp) && isOlder(stamp, lookedAt) ? entry : null;
  };
}
