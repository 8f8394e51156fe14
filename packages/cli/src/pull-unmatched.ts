// What is told of patterns that fit nothing that a job has left.
import type { OutputListing } from "@fetchml/client/pull";
import { FetchmlError, redactApiKeys } from "@fetchml/protocol";
import { plainText } from "./render/plain-text.ts";

/** Patterns that fit nothing. */
export interface UnmatchedGlobs {
  readonly globs: readonly string[];
  /** Whether something that they fit may still come. */
  readonly mayCome: boolean;
}

/** Lines to say so, though something else was pulled; none without such patterns. */
export function unmatchedNotes(
  jobId: number,
  { globs, mayCome }: UnmatchedGlobs,
): readonly string[] {
  if (globs.length === 0) return [];
  const named = globs.slice(0, MOST_NAMED).map((glob) => shownGlob(glob));
  const others = moreThan(globs);
  const all = others === "" ? named : [...named, others];
  const lines = all.map((one) => `Nothing fits ${one}${mayCome ? " yet" : ""}.`);
  return [...lines, hints(jobId, globs)];
}

/** The error where no pattern fits anything. */
export function nothingFits(
  { jobId, name }: OutputListing,
  { globs, mayCome }: UnmatchedGlobs,
): FetchmlError {
  const named = globs
    .slice(0, MOST_NAMED)
    .map((glob) => shownGlob(glob))
    .join(", ");
  const others = moreThan(globs);
  const patterns = others === "" ? named : `${named} and ${others}`;
  return new FetchmlError(
    "output-not-found",
    `Nothing that job ${jobId} (${name}) has left fits ${patterns}${mayCome ? " yet" : ""}.\n${hints(jobId, globs)}`,
  );
}

const MOST_NAMED = 10;

function shownGlob(glob: string): string {
  return plainText(redactApiKeys(JSON.stringify(glob)));
}

function moreThan({ length }: readonly string[]): string {
  return length > MOST_NAMED ? `${length - MOST_NAMED} more` : "";
}

function hints(jobId: number, globs: readonly string[]): string {
  const some = (test: RegExp) => globs.some((glob) => test.test(glob));
  const braces = some(BRACES) ? " Braces are for the shell: {a,b} in quotes is a name." : "";
  const place = some(PLACE) ? " The folder to write to is named with -o DIR." : "";
  return `"ml show ${jobId}" lists what there is.${braces}${place}`;
}

// In most shells `{a,b}.pt` is two words before `ml` sees it, but not where it is quoted.
const BRACES = /\{[^{}]*(?:,|\.\.)[^{}]*\}/;

// To other programs the last word is where to write to: here, above, at home, the top.
const PLACE = /^(?:\.?\/|\.|(?:\.\.|~)(?:\/.*)?)$/s;
