// What is told of patterns that fit nothing that a job has left.
import type { OutputListing } from "@fetchml/client/pull";
import { FetchmlError, redactApiKeys } from "@fetchml/protocol";
import { plainText } from "./render/plain-text.ts";

/** Patterns that fit nothing. */
export interface UnmatchedGlobs {
  readonly globs: readonly string[];
  /** Whether something that they fit may still come. */
  readonly mayCome: boolean;
  /** What to name instead of those that go through a link. */
  readonly real: ReadonlyMap<string, string>;
  /** What is here, in the folder that was typed in, under names that were given as patterns. */
  readonly here: {
    /** One of several files that end alike, as a shell makes them of a pattern. */
    readonly file: string | null;
    readonly folder: string | null;
  };
}

/** Lines to say so, though something else was pulled; none without such patterns. */
export function unmatchedNotes(jobId: number, unmatched: UnmatchedGlobs): readonly string[] {
  const { globs, mayCome } = unmatched;
  if (globs.length === 0) return [];
  const lines = namesOf(globs).map((one) => `Nothing fits ${one}${mayCome ? " yet" : ""}.`);
  return [...lines, hints(jobId, unmatched)];
}

/** The error where no pattern fits anything. */
export function nothingFits(
  { jobId, name }: OutputListing,
  unmatched: UnmatchedGlobs,
): FetchmlError {
  const { globs, mayCome } = unmatched;
  const names = namesOf(globs);
  const others = globs.length > MOST_NAMED ? ` and ${names.pop()}` : "";
  const patterns = `${names.join(", ")}${others}`;
  return new FetchmlError(
    "output-not-found",
    `Nothing that job ${jobId} (${name}) has left fits ${patterns}${mayCome ? " yet" : ""}.\n${hints(jobId, unmatched)}`,
  );
}

/** How a name ends behind its last dot, that dot included; `null` for one that no `*` of a shell fits, or with a folder in it. */
export function endingOf(name: string): string | null {
  return /^[^./][^/]*(\.[A-Za-z0-9]{1,10})$/s.exec(name)?.[1] ?? null;
}

const MOST_NAMED = 10;

/** Those that are named, and behind them how many more there are. */
function namesOf(globs: readonly string[]): string[] {
  const names = globs.slice(0, MOST_NAMED).map(shownGlob);
  return globs.length > MOST_NAMED ? [...names, `${globs.length - MOST_NAMED} more`] : names;
}

function shownGlob(glob: string): string {
  return plainText(redactApiKeys(JSON.stringify(glob)));
}

function hints(jobId: number, { globs, real, here }: UnmatchedGlobs): string {
  const some = (test: RegExp) => globs.some((glob) => test.test(glob));
  const braces = some(BRACES) ? " Braces are for the shell: {a,b} in quotes is a name." : "";
  const place =
    some(PLACE) || here.folder !== null ? " The folder to write to is named with -o DIR." : "";
  const [through] = real;
  const link =
    through === undefined
      ? ""
      : ` No pattern goes through a link: for ${shownGlob(through[0])} name ${shownGlob(through[1])}.`;
  const quotes = here.file === null ? "" : quotesHint(here.file);
  const job = some(JOB) ? " A pull is of one job; what follows it are patterns." : "";
  return `"ml show ${jobId} --outputs" lists what there is.${link}${braces}${quotes}${place}${job}`;
}

function quotesHint(file: string): string {
  return ` ${shownGlob(file)} is a file here: a pattern needs quotes, as in '*${endingOf(file) ?? ""}', or the shell puts such names in its place.`;
}

// In most shells `{a,b}.pt` is two words before `ml` sees it, but not where it is quoted.
const BRACES = /\{[^{}]*(?:,|\.\.)[^{}]*\}/;

const JOB = /^(?:\d{1,9}(?:#\d{1,9})?|@(?:~\d{1,9})?)$/;

// To other programs the last word is where to write to: here, above, at home, the top.
const PLACE = /^(?:\.?\/|\.|(?:\.\.|~)(?:\/.*)?)$/s;
