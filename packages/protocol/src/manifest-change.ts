// How a manifest is written as what differs from an earlier one.
import { manifestEntryText } from "./manifest-bytes.ts";
import type { ManifestChange } from "./snapshot.ts";

/** Longest text of a change, in characters: some 5,000 files. Whoever has changed more sends the whole manifest. */
export const MAX_CHANGE_LENGTH = 1024 ** 2;

/** With this a change begins, and no manifest does. */
export const CHANGE_START = '{"version":1,"base":"';

/** The text of a change, as `POST /snapshots` takes it in place of a manifest. */
export function manifestChangeText(change: ManifestChange): string {
  const { base, snapshot, removed, entries } = change;
  const texts = entries.map(manifestEntryText).join(",");
  return `${CHANGE_START}${base}","snapshot":"${snapshot}","removed":${JSON.stringify(removed)},"entries":[${texts}]}`;
}
