// Pulls all files of a pull, several at the same time: large ones alone, small ones in bundles.
import { inParallel } from "../project/in-parallel.ts";
import type { FilePull } from "./file-pull.ts";
import type { PlannedFile } from "./plan-pull.ts";
import { pullBundle } from "./pull-bundle.ts";
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
  await inParallel(worksOf(pull, files), AT_ONCE, async ({ places, run }) => {
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
  let bundle: { readonly place: number; readonly file: PlannedFile }[] = [];
  let bytes = 0;
  const flush = (): Work => {
    const [all, tree] = [bundle, bundle[0]?.file.tree ?? ""];
    bundle = [];
    bytes = 0;
    const places = all.map(({ place }) => place);
    const bundled = all.map(({ file }) => file);
    return { places, run: () => pullBundle(pull, tree, bundled) };
  };
  for (const [place, file] of files.entries()) {
    if (!isForBundle(pull, file)) {
      yield { places: [place], run: async () => [await pullFile(pull, file)] };
      continue;
    }
    if (bundle.length > 0 && bundle[0]?.file.tree !== file.tree) yield flush();
    bundle.push({ place, file });
    bytes += file.sizeBytes ?? 0;
    if (bytes >= BUNDLE_BYTES || bundle.length === BUNDLE_FILES) yield flush();
  }
  if (bundle.length > 0) yield flush();
}

/** Small, and nothing here to compare it with. */
function isForBundle({ target }: FilePull, file: PlannedFile): boolean {
  try {
    return file.tree !== null && isSmallFile(file) && target.look(file.localPath) === null;
  } catch {
    // A name that this disk does not take is met again, and told, where the file is pulled alone.
    return false;
  }
}
