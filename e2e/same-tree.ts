// Compares two trees on disk: names, kinds, bits, links and contents.
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { expect } from "bun:test";

/** Fails unless both folders hold the same files, executable bits and links. Links are not followed. */
export function sameTree(one: string, other: string): void {
  expect(treeOf(one)).toEqual(treeOf(other));
}

function treeOf(folder: string): readonly string[] {
  return readdirSync(folder)
    .toSorted()
    .flatMap((name) => {
      const path = join(folder, name);
      const stats = lstatSync(path);
      if (stats.isSymbolicLink()) return [`${name} -> ${readlinkSync(path)}`];
      if (stats.isDirectory())
        return [`${name}/`, ...treeOf(path).map((inner) => `${name}/${inner}`)];
      const hash = new Bun.CryptoHasher("sha256").update(readFileSync(path)).digest("hex");
      return [`${name} ${(stats.mode & 0o100) === 0 ? "" : "x "}${stats.size} ${hash}`];
    });
}
