// Lists what lies in a folder of outputs, however many, however named, and while the job changes it.
import type { OutputEntry } from "@fetchml/protocol";
import { openFolderNames, type FolderNames, type OpenFolder } from "./folder-names.ts";
import { below, isTooLong, leftOut, lookAt, UNREADABLE, type Look } from "./look-at.ts";
import { pinInside, type OutputFolder } from "./output-folder.ts";
import { hasCode } from "./pinned.ts";

/** How much more is looked at. It is counted down, so that several walks may share one. */
export interface LooksLeft {
  /** Files, links, folders and whatever else has a name. */
  names: number;
  /** The lengths of their paths and of what links lead to, in UTF-16 units: each is at most 4,095, and most are under 50. */
  characters: number;
}

/**
 * The most that is listed in one answer. Whoever takes such a list has it in memory; a job makes a million links with long names in
 * seconds.
 */
export function mostLooks(): LooksLeft {
  return { names: 1_000_000, characters: 64 * 1_048_576 };
}

/**
 * Every file and link, and by name what is not given out; a piece at a time, each folder's own entries before those of the
 * folders in it. Those of a folder of up to {@link RUN_NAMES} names are sorted. A larger one comes in runs of about so many, each
 * sorted, as the file system has them: in the same order each time while it is not changed. Folders themselves are not listed. What
 * comes or goes meanwhile may be missing. The event loop is never held up for longer than one run takes.
 *
 * @returns whether that was all; `false` when `left` was used up before
 */
export async function* walkOutputs(
  folder: OutputFolder,
  left: LooksLeft,
): AsyncGenerator<readonly OutputEntry[], boolean, undefined> {
  const ahead: string[] = [""];
  for (let path = ahead.pop(); path !== undefined; path = ahead.pop()) {
    const inner: string[] = [];
    for await (const looks of lookIn(folder, path)) {
      const taken = looks.slice(0, countTaken(left, looks));
      inner.push(...taken.filter((one) => typeof one === "string"));
      yield taken.filter((one) => typeof one !== "string");
      if (taken.length < looks.length) return false;
    }
    for (const name of inner.toReversed()) ahead.push(name);
  }
  return true;
}

/** How many of these there is room for, which are counted. */
function countTaken(left: LooksLeft, looks: readonly Look[]): number {
  let taken = 0;
  for (const one of looks) {
    const length = lengthOf(one);
    if (left.names < 1 || left.characters < length) break;
    left.names -= 1;
    left.characters -= length;
    taken += 1;
  }
  return taken;
}

function lengthOf(one: Look): number {
  if (typeof one === "string") return one.length;
  return one.kind === "symlink" ? one.path.length + one.target.length : one.path.length;
}

/** So many are asked about at once. */
const AT_ONCE = 64;

/** What there is in one folder, in the order of {@link walkOutputs}. */
async function* lookIn(
  folder: OutputFolder,
  path: string,
): AsyncGenerator<readonly Look[], void, undefined> {
  const listed = openFolder(folder, path);
  if (listed === null) return;
  if ("kind" in listed) return yield [listed];
  using open = listed;
  for (let run = nextRun(open); run !== null; run = nextRun(open)) {
    if (run === "unreadable") return yield [leftOut(path === "" ? "." : path, run)];
    const { names, foreign } = run;
    for (let at = 0; at < foreign.length; at += AT_ONCE) {
      const some = foreign.slice(at, at + AT_ONCE);
      yield some.map((name) => leftOut(below(path, name), "name-not-utf8"));
    }
    for (let at = 0; at < names.length; at += AT_ONCE) {
      const some = names.slice(at, at + AT_ONCE);
      const looks = await Promise.all(some.map((name) => lookAt(folder, open, { path, name })));
      yield looks.filter((one) => one !== null);
    }
  }
}

function openFolder(folder: OutputFolder, path: string): OpenFolder | OutputEntry | null {
  try {
    using pinned = pinInside(folder, path);
    if (pinned?.stats.isDirectory() === true) return openFolderNames(pinned.place);
    // It was a folder a moment ago, or its path is longer than the system takes.
    return isTooLong(folder, path) ? leftOut(path, "path-too-long") : null;
  } catch (error) {
    // The folder of the outputs itself has no name in the list.
    if (hasCode(error, UNREADABLE)) return leftOut(path === "" ? "." : path, "unreadable");
    throw error;
  }
}

function nextRun(open: OpenFolder): FolderNames | "unreadable" | null {
  try {
    return open.next();
  } catch (error) {
    if (hasCode(error, UNREADABLE)) return "unreadable";
    throw error;
  }
}
