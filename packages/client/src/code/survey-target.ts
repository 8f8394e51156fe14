// Looks at the folder that a tree is to be written into: what of the tree is there already, and what stands in its way.
import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { Manifest, ManifestEntry } from "@fetchml/protocol";
import { hashLocal } from "../pull/compare-local.ts";
import { foldersOf } from "./tree-folders.ts";

/** What was found in a folder. Paths are relative to it. */
export interface Survey {
  /** Files and links of the tree that are there as they should be. */
  readonly ready: ReadonlySet<string>;
  /** Other files and links of those names: to be written over only when that is wished. */
  readonly differing: readonly string[];
  /** What is not of the tree. */
  readonly strange: readonly string[];
  /** A folder where the tree has a file, or the other way round: never written over. */
  readonly blocking: readonly string[];
}

/** Looks through a folder that is there. No link in it is followed. Ctrl-C has its turn while large files are read. */
export async function surveyTarget(
  target: string,
  manifest: Manifest,
  besides: {
    /** A name in the folder that is not looked at. */
    readonly leaveOut: string;
    /** As Node names it. */
    readonly platform: string;
  },
): Promise<Survey> {
  const wanted = new Map(manifest.entries.map((entry) => [entry.path, entry]));
  const folders = new Set(foldersOf(manifest));
  const ready = new Set<string>();
  const differing: string[] = [];
  const strange: string[] = [];
  const blocking: string[] = [];
  const lookInto = async (folder: string): Promise<void> => {
    for (const found of readdirSync(join(target, folder), { withFileTypes: true })) {
      const path = folder === "" ? found.name : `${folder}/${found.name}`;
      const entry = wanted.get(path);
      const isFolder = found.isDirectory();
      if (path === besides.leaveOut) continue;
      if (isFolder && folders.has(path)) await lookInto(path);
      else if (isFolder ? entry !== undefined : folders.has(path)) blocking.push(path);
      else if (entry === undefined) strange.push(path);
      else if (await isAsWanted(join(target, path), entry, besides.platform)) ready.add(path);
      else differing.push(path);
    }
  };
  await lookInto("");
  return { ready, differing, strange, blocking };
}

async function isAsWanted(path: string, entry: ManifestEntry, platform: string): Promise<boolean> {
  const found = lstatSync(path);
  if (entry.kind === "symlink") {
    return found.isSymbolicLink() && readlinkSync(path) === entry.target;
  }
  if (!found.isFile() || found.size !== entry.size_bytes) return false;
  // Windows knows no such bit.
  const isExecutable = platform === "win32" ? entry.executable : (found.mode & 0o100) !== 0;
  return isExecutable === entry.executable && (await hashLocal(path))?.sha256 === entry.hash;
}
