// Changes as JSON.
import type { ManifestEntry } from "@fetchml/protocol";
import { countLines, type FilePatch } from "../diff/file-patch.ts";
import { pathOf } from "../diff/tree-changes.ts";
import { patchText } from "./patch-text.ts";

/** One changed file. Counts and patch are `null` where lines say nothing. */
export function fileJson(patch: FilePatch, options: { readonly withPatch: boolean }): unknown {
  const { change, hunks, without } = patch;
  const { added, removed } = countLines(patch);
  return {
    path: pathOf(change),
    change: change.kind,
    before: sideJson(change.before),
    after: sideJson(change.after),
    without_lines: without,
    added_lines: hunks === null ? null : added,
    removed_lines: hunks === null ? null : removed,
    ...(options.withPatch && { patch: hunks === null ? null : patchText(patch) }),
  };
}

function sideJson(entry: ManifestEntry | null): unknown {
  if (entry === null) return null;
  const { kind, path } = entry;
  if (entry.kind === "symlink") return { kind, path, target: entry.target };
  const { size_bytes, hash, executable } = entry;
  return { kind, path, size_bytes, hash, executable };
}
