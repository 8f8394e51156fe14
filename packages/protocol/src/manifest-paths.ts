// Which paths and links a manifest may hold. The client asks before it sends, the server trusts nobody and asks again.

/** Longest path of an entry, and longest target of a link, in bytes of UTF-8. */
export const MAX_PATH_BYTES = 4096;

/** Longest name between two slashes, in bytes of UTF-8. */
export const MAX_NAME_BYTES = 255;

/** What is wrong with the path of an entry, as the end of a sentence that begins with the path; `null` if nothing is. */
export function manifestPathProblem(path: string): string | null {
  // Nearly all are such, and need no closer look.
  if (path.length <= MAX_NAME_BYTES && PLAIN_PATH.test(path)) return null;
  const problem = textProblem(path);
  if (problem !== null) return problem;
  for (const name of path.split("/")) {
    if (name === "") return "has an empty part between its slashes";
    if (name === "." || name === "..") return `has ${JSON.stringify(name)} as a part`;
    // A name of up to 85 UTF-16 units cannot have more than 255 bytes.
    if (name.length > MAX_NAME_BYTES / 3 && Buffer.byteLength(name) > MAX_NAME_BYTES) {
      return `has a part of more than ${MAX_NAME_BYTES} bytes`;
    }
  }
  return null;
}

/**
 * Says for each link whether it may stand in a manifest: its problem as the end of a sentence, `null` if it has none. A
 * link must stay inside the tree whatever other links its way leads through. One that leads nowhere, or in circles, may
 * stand. `links` are all links of the tree, target by path. No path of the tree may lie below a link.
 */
export function createLinkCheck(
  links: ReadonlyMap<string, string>,
): (path: string, target: string) => string | null {
  let left = MAX_WORK;
  return (path, target) => {
    const problem = textProblem(target);
    if (problem !== null) return `is a link to ${JSON.stringify(target)}, which ${problem}`;
    const granted = Math.min(left, MAX_WORK_OF_LINK);
    const budget = { characters: granted };
    const leaves = leavesTree({ path, target, links, budget });
    left -= granted - budget.characters;
    return leaves ? `is a link to ${JSON.stringify(target)}, which leads out of the project` : null;
  };
}

/**
 * The first two paths, or folders on the way to them, that Windows or macOS would take for one: equal but for case, for how
 * an accent is composed, or for dots and spaces at the end of a name. `null` when there are none.
 */
export function findPathClash(paths: Iterable<string>): readonly [string, string] | null {
  const clashOf = createClashCheck();
  for (const path of paths) {
    const clash = clashOf(path);
    if (clash !== null) return clash;
  }
  return null;
}

/** The same for paths that come one by one: says of each whether it clashes with one before it. */
export function createClashCheck(): (path: string) => readonly [string, string] | null {
  const spelling = new Map<string, string>();
  let lastFolder = "";
  return (path) => {
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    // Of neighbours in the same folder, the folders on the way need a look only once.
    const from = folder === lastFolder ? folder.length : 0;
    lastFolder = folder;
    for (let end = path.indexOf("/", from); end !== -1; end = path.indexOf("/", end + 1)) {
      const clash = takeSpelling(spelling, path.slice(0, end));
      if (clash !== null) return clash;
    }
    return takeSpelling(spelling, path);
  };
}

// The kernel follows 40 links before it gives up.
const MAX_HOPS = 40;

// Over all links of one manifest, in characters looked at. 50,000 links of a real tree need a third of it; all of it
// takes a quarter of a second.
const MAX_WORK = 100_000_000;
const WORK_OF_A_STEP = 32;

// For one link, so that whoever looks at many can pause between two: a hundredth of a second.
const MAX_WORK_OF_LINK = 4_000_000;

const PLAIN_PATH = /^\w[\w.-]*(?:\/\w[\w.-]*)*$/;

const CONTROL = /\p{Cc}/u;

function textProblem(text: string): string | null {
  if (text === "") return "is empty";
  if (text.startsWith("/")) return "is absolute";
  if (text.includes("\\")) return "holds a backslash";
  if (CONTROL.test(text)) return "holds a control character";
  if (!text.isWellFormed()) return "is not valid Unicode";
  if (text.length > MAX_PATH_BYTES / 3 && Buffer.byteLength(text) > MAX_PATH_BYTES) {
    return `is longer than ${MAX_PATH_BYTES} bytes`;
  }
  return null;
}

/** Follows the target as the kernel would; text alone does not tell, since `..` behind a link leads elsewhere. */
function leavesTree({
  path,
  target,
  links,
  budget,
}: {
  readonly path: string;
  readonly target: string;
  readonly links: ReadonlyMap<string, string>;
  readonly budget: { characters: number };
}): boolean {
  let place = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  const ahead = target.split("/").toReversed();
  let hops = 0;
  for (let part = ahead.pop(); part !== undefined; part = ahead.pop()) {
    budget.characters -= place.length + part.length + WORK_OF_A_STEP;
    // Only a manifest made to be slow gets here; it is refused like a link that leaves.
    if (budget.characters < 0) return true;
    if (part === "" || part === ".") continue;
    const parent = place;
    if (part === "..") {
      if (place === "") return true;
      place = place.slice(0, Math.max(0, place.lastIndexOf("/")));
      continue;
    }
    place = place === "" ? part : `${place}/${part}`;
    const next = links.get(place);
    if (next === undefined) continue;
    hops += 1;
    if (hops > MAX_HOPS) return false;
    if (next.startsWith("/")) return true;
    place = parent;
    ahead.push(...next.split("/").toReversed());
  }
  return false;
}

function takeSpelling(
  spelling: Map<string, string>,
  path: string,
): readonly [string, string] | null {
  const folded = fold(path);
  const known = spelling.get(folded);
  if (known !== undefined && known !== path) return [known, path];
  if (known === undefined) spelling.set(folded, path);
  return null;
}

/** What all spellings have in common that Windows or macOS take for one. */
function fold(path: string): string {
  if (ASCII.test(path) && !/[. ](?:\/|$)/.test(path)) return path.toLowerCase();
  // By way of capitals, which several small letters share: both kinds of sigma, say.
  const caseless = path.normalize("NFD").toUpperCase().toLowerCase().normalize("NFC");
  // Windows drops dots and spaces at the end of a name.
  return caseless.replace(/[. ]+(?=\/|$)/g, "");
}

const ASCII = /^[ -~]*$/;
