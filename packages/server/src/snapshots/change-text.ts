// Makes the text of a manifest out of an earlier one and what differs from it.
import {
  comparePaths,
  FetchmlError,
  manifestEntryText,
  MAX_CHANGE_LENGTH,
  type ManifestChange,
  type ManifestEntry,
} from "@fetchml/protocol";
import { ManifestChange as ManifestChangeSchema } from "@fetchml/protocol/schemas";
import { findEntry } from "./manifest-search.ts";
import { MANIFEST_HEAD, MANIFEST_TAIL } from "./parse-manifest.ts";

/** Reads the text of a change. What its entries say is not looked into. @throws FetchmlError bad-content */
export function parseChange(text: string): ManifestChange {
  if (text.length > MAX_CHANGE_LENGTH) throw badChange("it is too long: send the whole list");
  const { success, data } = ManifestChangeSchema.safeParse(parsed(text));
  if (!success) throw badChange("it does not have the form of one");
  return data;
}

/** A manifest as a change makes it, which is not checked. */
export interface ChangedText {
  readonly text: string;
  /** Whether it has the names of its base, and each is what it was there, a file or a link; only contents of files differ. */
  readonly isInPlace: boolean;
}

/**
 * Makes the text; it pauses every now and then. What was canonical stays so.
 *
 * @param base text of a manifest that was checked once
 * @returns `null` when it turns out that the base is no such text
 * @throws FetchmlError bad-content for paths that are not in order or stand twice, and for the removal of what is not there
 */
export function* changeText(
  base: string,
  change: ManifestChange,
): Generator<void, ChangedText | null, void> {
  const runs: string[] = [];
  let isInPlace = true;
  let at = MANIFEST_HEAD.length;
  const keepUntil = (end: number): void => {
    if (end > at) runs.push(base.slice(at, base.charAt(end - 1) === "," ? end - 1 : end));
  };
  for (const { path, entry } of stepsOf(change)) {
    const place = findEntry(base, path);
    if (place === null) return null;
    if (entry === null && place.entry === null) {
      throw badChange(`it removes ${JSON.stringify(path)}, which is not there`);
    }
    isInPlace &&= place.entry?.kind === "file" && entry?.kind === "file";
    keepUntil(place.start);
    if (entry !== null) runs.push(manifestEntryText(entry));
    at = place.end;
    yield;
  }
  keepUntil(base.length - MANIFEST_TAIL.length);
  return { text: `${MANIFEST_HEAD}${runs.join(",")}${MANIFEST_TAIL}`, isInPlace };
}

interface Step {
  readonly path: string;
  /** `null`: the path is removed. */
  readonly entry: ManifestEntry | null;
}

function stepsOf({ removed, entries }: ManifestChange): readonly Step[] {
  const steps = [
    ...removed.map((path): Step => ({ path, entry: null })),
    ...entries.map((entry): Step => ({ path: entry.path, entry })),
  ].toSorted((a, b) => comparePaths(a.path, b.path));
  for (const [place, { path }] of steps.entries()) {
    if (steps[place + 1]?.path === path) {
      throw badChange(`the path ${JSON.stringify(path)} stands twice`);
    }
  }
  return steps;
}

/** The error for a change that no honest sender makes. */
export function badChange(why: string): FetchmlError {
  return new FetchmlError(
    "bad-content",
    `The server refuses the change of the list of the project's files: ${why}.`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
