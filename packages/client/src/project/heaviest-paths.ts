// Finds what makes a project heavy: the few files and folders that a person would leave out.

/** A file, or a folder with all below it. */
export interface HeavyPath {
  /** From the root; a folder's ends with a slash. */
  readonly path: string;
  readonly weight: number;
}

/**
 * The heaviest paths, heaviest first. A folder is named as a whole where its weight lies in many things alike, as in a folder
 * of pictures; where a few of them have nearly all of it, these are named in its place.
 *
 * @param isWhole whether a folder, given with a slash behind, is named as a whole wherever its weight lies
 */
export function heaviestPaths<T extends { readonly path: string }>(
  files: readonly T[],
  weigh: (file: T) => number,
  isWhole: (folder: string) => boolean = () => false,
): readonly HeavyPath[] {
  const within = (folder: string) => partsOf(folder, files, weigh);
  const settled: HeavyPath[] = [];
  const open = [...within("")];
  const total = sum(open);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const few =
      next.path.endsWith("/") && next.weight * SMALLEST_SHARE > total && !isWhole(next.path)
        ? within(next.path).slice(0, FEW)
        : [];
    if (few.length > 0 && sum(few) >= next.weight * NEARLY_ALL) open.push(...few);
    else settled.push(next);
  }
  return settled.toSorted(heavierFirst);
}

const FEW = 10;
const NEARLY_ALL = 0.9;

/** Below a twentieth of the whole a folder is not looked into. */
const SMALLEST_SHARE = 20;

/** What stands right in a folder, heaviest first. */
function partsOf<T extends { readonly path: string }>(
  folder: string,
  files: readonly T[],
  weigh: (file: T) => number,
): readonly HeavyPath[] {
  const weights = new Map<string, number>();
  for (const file of files) {
    const { path } = file;
    if (!path.startsWith(folder)) continue;
    const slash = path.indexOf("/", folder.length);
    const part = slash === -1 ? path : path.slice(0, slash + 1);
    weights.set(part, (weights.get(part) ?? 0) + weigh(file));
  }
  return [...weights].map(([path, weight]) => ({ path, weight })).toSorted(heavierFirst);
}

function heavierFirst(a: HeavyPath, b: HeavyPath): number {
  return b.weight - a.weight || (a.path < b.path ? -1 : 1);
}

function sum(paths: readonly HeavyPath[]): number {
  return paths.reduce((total, { weight }) => total + weight, 0);
}
