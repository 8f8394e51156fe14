// `ml pull`: what a job has left, in a folder here.
import { join, resolve } from "node:path";
import { listOutputs, openTarget, pullOutputs, type PulledItem } from "@fetchml/client/pull";
import { EXIT, FetchmlError, redactApiKeys } from "@fetchml/protocol";
import { isSet, textOf } from "../args/option-values.ts";
import type { Invocation, RunCommand } from "../command.ts";
import type { Environment } from "../environment.ts";
import { parseJobReference } from "../job-reference.ts";
import { lacksAskedFor } from "../pull-asked-for.ts";
import { selectOutputs } from "../pull-selection.ts";
import { unmatchedNotes } from "../pull-unmatched.ts";
import { quotedWord } from "../render/command-words.ts";
import { writeJson } from "../render/json.ts";
import { plainText } from "../render/plain-text.ts";
import { openProgressBar } from "../render/progress-bar.ts";
import { pulledWords, pullNotes } from "../render/pull-text.ts";
import { wantsJson } from "../screen.ts";
import { openSession } from "../session.ts";
import { tellingInterrupt, type AtInterrupt } from "../tell-interrupt.ts";

/**
 * Pulls, and tells what was pulled and what was not; 5 when something was left as it is here, 1 when something could not be
 * given out, not be made here or changed each time it was read, when there is nothing that a pattern fits, or when a link or anything
 * else is not given that was asked for by its name; 130 after Ctrl-C.
 *
 * @throws FetchmlError usage, bad-file, disk-full, output-not-found, and as the server does
 */
export const run: RunCommand = (invocation, environment) =>
  tellingInterrupt(environment, "Nothing was changed.", (at) => pull(invocation, environment, at));

async function pull(
  invocation: Invocation,
  environment: Environment,
  at: AtInterrupt,
): Promise<number> {
  const { stdout, stderr } = environment;
  const { options, words } = invocation;
  const [word = "", ...globs] = words;
  const kind = isSet(options, "checkpoints") ? "checkpoints" : "outputs";
  const force = isSet(options, "force");
  const reference = parseJobReference(word);
  const session = await openSession(invocation, environment);
  const job = reference.attempt === null ? reference.job : `${reference.job}#${reference.attempt}`;
  const listing = await listOutputs(session.endpoint, job, { kind });
  const { selection, folderName, unmatched } = selectOutputs(listing, {
    kind,
    globs,
    attempt: reference.attempt,
    latestOnly: isSet(options, "latest-only"),
    includeLog: isSet(options, "include-log"),
    platform: environment.platform,
    allowsGit: isSet(options, "allow-git"),
    workingFolder: environment.workingFolder,
  });
  const { folder, ownParts } = folderOf(invocation, folderName);
  const target = openTarget(resolve(environment.workingFolder, folder), ownParts);
  const bar = openProgressBar(stderr, "Pulling", environment.now);
  at.words = "What has come stays; the same command goes on from there.";
  at.clear = () => bar.close();
  const say = (text: string) => {
    bar.close();
    stderr.write(`${plainText(text)}\n`);
  };
  let items: readonly PulledItem[];
  try {
    items = await pullOutputs(session.endpoint, {
      listing,
      selection,
      target,
      force,
      verify: isSet(options, "verify"),
      onProgress: ({ doneBytes, totalBytes }) => bar.update(doneBytes, totalBytes),
      onLost: (error) => say(`${error.message} Trying again…`),
      onBack: () => say("Connected again."),
    });
  } finally {
    bar.close();
  }
  const pulled = { listing, folder, force, items, typed: typedCommand(environment.args) };
  if (wantsJson(invocation)) writeJson(stdout, { ...jsonOf(pulled), unmatched: unmatched.globs });
  else stdout.write(`${pulledWords(pulled)}\n`);
  const notes = [...pullNotes(pulled), ...unmatchedNotes(listing.jobId, unmatched)];
  for (const line of notes) stderr.write(`${line}\n`);
  const isAll = listing.complete && unmatched.globs.length === 0 && !lacksAskedFor(globs, items);
  return exitOf(items, isAll);
}

/** Where to pull to: what was typed, else a folder of the job's own below the one that was typed in. */
function folderOf(
  { options }: Invocation,
  folderName: string,
): { readonly folder: string; readonly ownParts: number } {
  const typed = textOf(options, "output");
  if (typed === "") throw new FetchmlError("usage", "-o needs a folder to write to.");
  if (typed !== null) return { folder: typed, ownParts: 0 };
  return { folder: join("ml-outputs", folderName), ownParts: 2 };
}

function jsonOf({
  listing,
  folder,
  items,
}: {
  readonly listing: { readonly jobId: number; readonly name: string; readonly complete: boolean };
  readonly folder: string;
  readonly items: readonly PulledItem[];
}): object {
  const { jobId, name, complete } = listing;
  return { job_id: jobId, name, folder, complete, items };
}

function exitOf(items: readonly PulledItem[], isAll: boolean): number {
  const outcomes = new Set(items.map(({ outcome }) => outcome));
  if (outcomes.has("differs") || outcomes.has("blocked")) return EXIT.refused;
  const misses = items.some(({ kind, outcome }) => kind === "file" && outcome === "left-out");
  return misses || outcomes.has("unsteady") || !isAll ? EXIT.other : EXIT.ok;
}

function typedCommand(args: readonly string[]): string {
  return plainText(redactApiKeys(["ml", ...args].map(quotedWord).join(" ")));
}
