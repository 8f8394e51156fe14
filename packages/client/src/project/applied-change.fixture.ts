// Applies a change of a manifest the slow and plain way, for tests.
import { comparePaths, manifestText, type Manifest, type ManifestChange } from "@fetchml/protocol";

/** The text of the manifest that a change makes of another. @throws Error for the removal of what is not there */
export function appliedText(base: string, { removed, entries }: ManifestChange): string {
  // Made by a test, in the form of a manifest.
  const { entries: before } = JSON.parse(base) as Manifest;
  const all = new Map(before.map((entry) => [entry.path, entry]));
  for (const path of removed) if (!all.delete(path)) throw new Error(`there is no ${path}`);
  for (const entry of entries) all.set(entry.path, entry);
  const after = [...all.values()].toSorted((a, b) => comparePaths(a.path, b.path));
  return manifestText({ version: 1, entries: after });
}
