// Pulls all files of a pull, several at the same time: large ones alone, small ones in bundles.
import { inParallel } from "../project/in-parallel.ts";
import type { FilePull } from "./file-pull.ts";
import type { PlannedFile } from "./plan-pull.ts";
import { pullBundle, type CountedFile } from "./pull-bundle.ts";
import { isSmallFile, pullFile } from "./pull-file.ts";
import type { PulledItem } from "./pulled-item.ts";

/** So many answers come at the same time. */
const AT_ONCE = 4;

/** A bundle ends with the file that makes it as large, or as many. */
const BUNDLE_BYTES = 2 * 1_048_576;
const BUNDLE_FILES = 250;

/**
 * Pulls the files and tells what became of each, in their order. The first error ends all that is under way.
 *
 * @param abort aborts the signal of the pull
 * @throws FetchmlError as the server and the connection do; bad-file, disk-full when something cannot be written here
 */
export async function pullFiles(
  pull: FilePull,
  files: readonly PlannedFile[],
  abort: () => void,
): Promise<PulledItem[]> {
  const items: PulledItem[] = [];
  let firstError: unknown;
  // All of them before the first begins, so that the total of the progress is there from the start.
  const works = [...worksOf(pull, files)];
  await inParallel(works, AT_ONCE, async ({ places, run }) => {
    try {
      const done = await run();
      for (const [at, place] of places.entries()) {
        const item = done[at];
        if (item !== undefined) items[place] = item;
      }
    } catch (error) {
      // What has ended one ends the others too; theirs are only echoes of it.
      if (!pull.signal.aborted) firstError = error;
      abort();
      throw firstError;
    }
  });
  return items;
}

/** Something that is done at a stretch, and the places of its files in the list. */
interface Work {
  readonly places: readonly number[];
  readonly run: () => Promise<readonly PulledItem[]>;
}

function* worksOf(pull: FilePull, files: readonly PlannedFile[]): Generator<Work> {
  let bundle: (CountedFile & { readonly place: number })[] = [];
  let bytes = 0;
  const flush = (): Work => {
    const [all, tree] = [bundle, bundle[0]?.file.tree ?? ""];
    bundle = [];
    bytes = 0;
    const places = all.map(({ place }) => place);
    return { places, run: () => pullBundle(pull, tree, all) };
  };
  for (const [place, file] of files.entries()) {
    const there = lookAt(pull, file);
    // What has the same size is most often the same; the progress is told if it is not.
    const isHere = there !== null && there.size === file.sizeBytes;
    const tell = pull.progress.add(isHere ? 0 : (file.sizeBytes ?? 0));
    if (there !== null || file.tree === null || !isSmallFile(file)) {
      yield { places: [place], run: async () => [await pullFile(pull, file, tell)] };
      continue;
    }
    if (bundle.length > 0 && bundle[0]?.file.tree !== file.tree) yield flush();
    bundle.push({ place, file, tell });
    bytes += file.sizeBytes ?? 0;
    if (bytes >= BUNDLE_BYTES || bundle.length === BUNDLE_FILES) yield flush();
  }
  if (bundle.length > 0) yield flush();
}

/** What is here, to compare it with; for a name that this disk does not take one that fits nothing. */
function lookAt(
  { target }: FilePull,
  { localPath }: PlannedFile,
): { readonly size: number } | null {
  try {
    return target.look(localPath);
  } catch {
    // It is met again, and told, where the file is pulled alone.
    return { size: NaN };
  }
}
