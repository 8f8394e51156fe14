// Walks the folders of a project and finds what is not ignored.
import { lstatSync, readlinkSync, statSync } from "node:fs";
import { manifestPathProblem, MAX_NAME_BYTES } from "@fetchml/protocol";
import { toByteString } from "./byte-string.ts";
import { stampOf, watch, type FileStamp, type Watched } from "./file-stamp.ts";
import {
  readFolder,
  type EntryKind,
  type FolderEntry,
  type ForeignName,
} from "./folder-entries.ts";
import {
  fateOf,
  filesAndFolders,
  withOwnRules,
  type FilesAndFolders,
  type FolderRules,
} from "./folder-rules.ts";
import { gitFolderAt, isRepository, repositoryMarks } from "./git-folder.ts";
import type { IgnoreScope } from "./ignore-scope.ts";
import type { NestedTree } from "./nested-tree.ts";
import { obstacleAt, type Obstacle } from "./refusal.ts";
import { readIgnoreFile } from "./standing-ignores.ts";

/** A file or link that belongs to the snapshot; paths are relative to the root with `/` between parts. */
export type Found =
  | { readonly kind: "file"; readonly path: string; readonly stamp: FileStamp }
  | { readonly kind: "symlink"; readonly path: string; readonly target: string };

/** What a walk found. */
export interface Walked {
  /** In the order of a manifest. */
  readonly found: readonly Found[];
  readonly obstacles: readonly Obstacle[];
  /** All `.gitignore` files on the way as text, so that a change of them is noticed. */
  readonly gitText: string;
  /** Every folder that was listed and every ignore file in them, as they were before; absolute paths. */
  readonly watched: readonly Watched[];
  /** Folders that are work trees of their own, as those of submodules are; also those of which nothing was known. */
  readonly nested: readonly string[];
  /** Whether all of it lies in one file system. */
  readonly isOneDevice: boolean;
  /** Whether rules left out a file or a folder. */
  readonly hasLeftOut: boolean;
  /** What was listed and gone when it was looked at. */
  readonly gone: readonly string[];
}

/** Where to walk, and what to leave out. */
export interface WalkOptions {
  /** Absolute path. */
  readonly root: string;
  /** Rules that hold in all folders, those asked first in front. */
  readonly git: readonly IgnoreScope[];
  readonly ml: readonly IgnoreScope[];
  readonly ignoreCase: boolean;
  /** Paths that Git's rules name and that are kept all the same, because Git tracks them. */
  readonly trackedIgnored: readonly string[];
  /** What is known of work trees inside, by their path from the root; in any other nothing is looked for. */
  readonly nested: ReadonlyMap<string, NestedTree>;
  /** Absolute path of a folder that is left out without a rule; `null` for none. */
  readonly leaveOut: string | null;
  /** The walk ends when it has found more than this. */
  readonly maxFound: number;
}

/**
 * Finds the files and links of a project. `.mlignore` and `[project] ignore` are asked first and can also take back with `!`
 * what Git ignores; a file that Git tracks is kept whatever Git's rules say of it. `.git` is always left out, at any depth;
 * in a work tree inside, Git's rules are its own alone. The root itself is never ignored, unlike in Git: who types a command
 * there means it. No link is followed.
 */
export function walkProject(options: WalkOptions): Walked {
  const { git, ml, ignoreCase } = options;
  const inside = [...options.nested.values()].flatMap(({ trackedIgnored }) => trackedIgnored);
  const walk: Walk = {
    options,
    tracked: filesAndFolders([...options.trackedIgnored, ...inside]),
    found: [],
    obstacles: [],
    gitTexts: [],
    watched: [],
    nested: [],
    device: null,
    isOneDevice: true,
    hasLeftOut: false,
    gone: [],
  };
  const root = { path: "", bytes: "", isPlain: true };
  visit(walk, root, { git, ml, onlyTracked: false, ignoreCase });
  return { ...walk, gitText: walk.gitTexts.join("\0") };
}

interface Walk {
  readonly options: WalkOptions;
  readonly tracked: FilesAndFolders;
  readonly found: Found[];
  readonly obstacles: Obstacle[];
  readonly gitTexts: string[];
  readonly watched: Watched[];
  readonly nested: string[];
  device: number | null;
  isOneDevice: boolean;
  hasLeftOut: boolean;
  readonly gone: string[];
}

/** A path from the root, and the same as a byte string. Empty for the root, else with a slash behind. */
interface Folder {
  readonly path: string;
  readonly bytes: string;
  /** Whether every part of it is a {@link PLAIN_NAME}. */
  readonly isPlain: boolean;
}

function visit(walk: Walk, folder: Folder, outer: FolderRules): void {
  const { options, found } = walk;
  const listed = list(walk, folder);
  if (listed === null) return;
  const around = rulesAround(walk, folder, { entries: listed.entries, outer });
  if (around === null) return;
  const rules = rulesIn(walk, folder, { entries: listed.entries, outer: around });
  for (const name of listed.foreign) refuseForeign(walk, folder, { ...name, rules });
  for (const entry of listed.entries) {
    if (found.length > options.maxFound) return;
    if (entry.name === ".git") continue;
    const path = folder.path + entry.name;
    const nameBytes = toByteString(entry.name);
    const pathBytes = folder.bytes + nameBytes;
    const isFolder = entry.kind === "folder";
    const fate = fateOf({ path, pathBytes, nameBytes, isFolder }, rules, walk.tracked);
    walk.hasLeftOut ||= fate === "out";
    if (fate === "out") continue;
    const isPlain = folder.isPlain && PLAIN_NAME.test(entry.name);
    if (!isFolder) take(walk, path, { kind: entry.kind, isPlain });
    else if (`${options.root}/${path}` !== options.leaveOut) {
      const inner = { path: `${path}/`, bytes: `${pathBytes}/`, isPlain };
      visit(walk, inner, { ...rules, onlyTracked: fate === "only-tracked" });
    }
  }
}

function list(walk: Walk, { path }: Folder): ReturnType<typeof readFolder> | null {
  const absolute = `${walk.options.root}/${path}`;
  try {
    // Before it is listed, so that a change meanwhile shows the next time.
    const stat = statSync(absolute);
    walk.watched.push({ path: absolute, stamp: stampOf(stat) });
    walk.device ??= stat.dev;
    walk.isOneDevice &&= stat.dev === walk.device;
    return readFolder(absolute);
  } catch (error) {
    noteUnreadable(walk, path.slice(0, -1), error);
    return null;
  }
}

/** The rules that hold in a folder but for its own ignore files; `null` for a work tree of which nothing is known yet. */
function rulesAround(
  walk: Walk,
  folder: Folder,
  { entries, outer }: { readonly entries: readonly FolderEntry[]; readonly outer: FolderRules },
): FolderRules | null {
  const dotGit = entries.find(({ name }) => name === ".git");
  if (dotGit === undefined || folder.path === "") return outer;
  const path = folder.path.slice(0, -1);
  if (outer.onlyTracked && !walk.tracked.files.has(path)) return outer;
  const top = `${walk.options.root}/${path}`;
  // The folder's time does not tell of a change in these.
  if (dotGit.kind !== "folder") walk.watched.push(watch(`${top}/.git`));
  const folders = gitFolderAt(top);
  if (folders === null || !isRepository(folders)) {
    const marks = folders === null ? [`${top}/.git/HEAD`] : repositoryMarks(folders);
    walk.watched.push(...marks.map(watch));
    return outer;
  }
  walk.nested.push(path);
  const nested = walk.options.nested.get(path);
  if (nested === undefined) return null;
  const { git, ignoreCase } = nested;
  return { git, ml: outer.ml, onlyTracked: false, ignoreCase };
}

function rulesIn(
  walk: Walk,
  folder: Folder,
  from: { readonly entries: readonly FolderEntry[]; readonly outer: FolderRules },
): FolderRules {
  const read = (name: string): string | null => {
    // Git does not follow a link here, so that a repository cannot have another file read.
    if (!from.entries.some((entry) => entry.name === name && entry.kind === "file")) return null;
    const path = `${walk.options.root}/${folder.path}${name}`;
    walk.watched.push(watch(path));
    const text = readIgnoreFile(path);
    if (text === null && watch(path).stamp === null) walk.gone.push(folder.path + name);
    return text;
  };
  const gitignore = from.outer.onlyTracked ? null : read(".gitignore");
  const mlignore = read(".mlignore");
  if (gitignore !== null) walk.gitTexts.push(folder.path, gitignore);
  if (gitignore === null && mlignore === null) return from.outer;
  return withOwnRules(from.outer, { gitignore, mlignore, skip: folder.bytes.length });
}

function take(
  walk: Walk,
  path: string,
  { kind, isPlain }: { readonly kind: EntryKind; readonly isPlain: boolean },
): void {
  const problem = isPlain && path.length <= MAX_NAME_BYTES ? null : manifestPathProblem(path);
  if (problem !== null) {
    walk.obstacles.push(obstacleAt(path, problem));
    return;
  }
  const absolute = `${walk.options.root}/${path}`;
  try {
    if (kind === "file") {
      walk.found.push({ kind, path, stamp: stampOf(lstatSync(absolute)) });
    } else if (kind === "symlink") {
      const target = readlinkSync(absolute).replaceAll(LINK_SEPARATOR, "/");
      walk.found.push({ kind, path, target });
    } else {
      walk.obstacles.push(obstacleAt(path, "is a device, a socket or a named pipe"));
    }
  } catch (error) {
    noteUnreadable(walk, path, error);
  }
}

// Nearly all names are such, and need no closer look.
const PLAIN_NAME = /^\w[\w.-]{0,80}$/;

const LINK_SEPARATOR = process.platform === "win32" ? "\\" : "/";

function refuseForeign(
  walk: Walk,
  folder: Folder,
  { bytes, isFolder, rules }: ForeignName & { readonly rules: FolderRules },
): void {
  const nameBytes = bytes.toString("latin1");
  const path = folder.path + bytes.toString();
  const pathBytes = folder.bytes + nameBytes;
  if (fateOf({ path, pathBytes, nameBytes, isFolder }, rules, walk.tracked) !== "in") return;
  walk.obstacles.push({
    path:
      folder.path +
      nameBytes.replace(/[^ -~]/g, (byte) => `\\x${Buffer.from(byte, "latin1").toHex()}`),
    why: "has a name that is not UTF-8",
    // A pattern counts bytes, and no text can hold these.
    ignoreLine: `/${folder.path}${nameBytes.replace(/[^ -~]|[\\*?[]/g, "?")}`,
  });
}

function noteUnreadable(walk: Walk, path: string, error: unknown): void {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
  if (code === "ENOENT") walk.gone.push(path);
  else walk.obstacles.push(obstacleAt(path, `cannot be read (${code})`));
}
