// What `ml pull` tells: what came, and what did not.
import type { PulledItem, PullOutcome } from "@fetchml/client/pull";
import { filesWords } from "./files-words.ts";
import { plainText } from "./plain-text.ts";
import { shortName } from "./shown-name.ts";

/** A pull that has ended. */
export interface Pulled {
  readonly listing: { readonly jobId: number; readonly name: string; readonly complete: boolean };
  /** As it was typed, or the default. */
  readonly folder: string;
  /** Whether what differs here was to be replaced. */
  readonly force: boolean;
  readonly items: readonly PulledItem[];
  /** The whole command as it was typed, quoted for a shell and safe to show. */
  readonly typed: string;
}

/** `Pulled 12 files (3.4 MiB) and 1 link of 12 train into ml-outputs/train-12, 3 were there before`. */
export function pulledWords({ listing, folder, items }: Pulled): string {
  const came = [...withOutcome(items, "pulled"), ...withOutcome(items, "growing")];
  const bytes = came.reduce((sum, { size_bytes }) => sum + (size_bytes ?? 0), 0);
  const before = withOutcome(items, "equal").length;
  const job = plainText(`${listing.jobId} ${listing.name}`);
  const there = before === 0 ? "" : `, ${before === 1 ? "1 was" : `${before} were`} there before`;
  const links = came.filter(({ kind }) => kind === "symlink").length;
  const what = filesWords({ files: came.length - links, links, bytes });
  return `Pulled ${what} of ${job} into ${plainText(folder)}${there}`;
}

/** Lines about what was not pulled, or not to its end; what to do is told last. */
export function pullNotes({ listing, force, items, typed }: Pulled): readonly string[] {
  const lines: string[] = [];
  const tell = (outcome: PullOutcome, title: string, after?: string) => {
    const some = withOutcome(items, outcome);
    if (some.length === 0) return;
    lines.push(`${title}:`, ...some.slice(0, MOST_NAMED).map(namedLine));
    if (some.length > MOST_NAMED) lines.push(`  … and ${some.length - MOST_NAMED} more`);
    if (after !== undefined) lines.push(after);
  };
  tell("gone", "The job has taken away meanwhile");
  tell("left-out", "Not pulled");
  tell("growing", "Pulled as far as it was, and still being written to");
  tell(
    "unsteady",
    "Not pulled, because it changed each time it was read",
    `Try again later: ${typed}`,
  );
  tell("blocked", "Left as it is here", IN_THE_WAY);
  // Where it was to be replaced, it has come up or changed while the pull was at work.
  const advice = force ? `To replace it: ${typed}` : "To replace what differs here, add --force.";
  tell("differs", "Left as it is here", advice);
  if (!listing.complete)
    lines.push("The job has left more than the server lists; the rest was not pulled.");
  return lines;
}

const MOST_NAMED = 10;

const IN_THE_WAY =
  "That is in the way, and --force takes none of it away: move it, or pull into another folder with -o DIR.";

function namedLine({ local_path: path, why }: PulledItem): string {
  const name = `  ${shortName(path, LONGEST_NAME)}`;
  return why === null ? name : `${name} ${shortName(why, LONGEST_REASON)}`;
}

/** Two lines of a terminal; a path may be as long as fifty. */
const LONGEST_NAME = 150;

/** A reason may hold what a link leads to. */
const LONGEST_REASON = 300;

function withOutcome(items: readonly PulledItem[], outcome: PullOutcome): readonly PulledItem[] {
  return items.filter((item) => item.outcome === outcome);
}
