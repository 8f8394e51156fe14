// `ml diff`: what changed between two jobs, or in the project folder since one.
import { posix } from "node:path";
import { EXIT, FetchmlError, formatSize } from "@fetchml/protocol";
import { isSet } from "../args/option-values.ts";
import type { Invocation, RunCommand } from "../command.ts";
import { compareFacts } from "../diff/job-facts.ts";
import { MOST_TEXT_BYTES } from "../diff/file-patch.ts";
import { patchesOf } from "../diff/patches.ts";
import { folderSide } from "../diff/folder-side.ts";
import { jobSide, type Side } from "../diff/sides.ts";
import { compareTrees, unknownPaths, type TreeChange } from "../diff/tree-changes.ts";
import type { Environment } from "../environment.ts";
import { parseWholeJob } from "../job-reference.ts";
import { factChangesText } from "../render/fact-changes.ts";
import { visibleText } from "../render/visible-text.ts";
import { openProgressBar } from "../render/progress-bar.ts";
import { paletteOf, wantsJson, widthOf } from "../screen.ts";
import { openSession } from "../session.ts";
import { showDiff } from "../show-diff.ts";
import { tellingInterrupt, type AtInterrupt } from "../tell-interrupt.ts";

/** Shows what changed; 130 after Ctrl-C. @throws FetchmlError usage, bad-project, bad-content, and as the server does */
export const run: RunCommand = (invocation, environment) =>
  tellingInterrupt(environment, "Nothing was changed.", (at) =>
    compare(invocation, environment, at),
  );

async function compare(
  invocation: Invocation,
  environment: Environment,
  at: AtInterrupt,
): Promise<number> {
  const { stdout, stderr } = environment;
  const [before, after] = await sidesOf(invocation, environment);
  const paths = (invocation.command ?? []).map((path) => posix.join(after.cwd ?? "", path));
  // Whoever names paths asks about code.
  const isAboutJobs = paths.length === 0 && before.facts !== null && after.facts !== null;
  const facts = isAboutJobs ? compareFacts(before.facts, after.facts) : [];
  const palette = paletteOf(stdout, invocation, environment);
  const changes = await changesOf(before, after, { paths, environment }).catch((error: unknown) => {
    // What is left of jobs whose code was removed can be compared all the same.
    const isRemoved = error instanceof FetchmlError && error.code === "removed";
    if (isRemoved && !wantsJson(invocation)) stdout.write(factChangesText(facts, palette));
    throw error;
  });
  const bar = openProgressBar(stderr, "Fetching", environment.now);
  at.clear = () => bar.close();
  try {
    const { large } = await showDiff(
      {
        before,
        after,
        facts,
        patches: patchesOf(changes, {
          before: before.source,
          after: after.source,
          onProgress: (doneBytes, totalBytes) => bar.update(doneBytes, totalBytes),
        }),
      },
      {
        stdout,
        palette,
        width: widthOf(stdout),
        as: wantsJson(invocation) ? "json" : "text",
        isStat: isSet(invocation.options, "stat"),
        clear: () => bar.close(),
      },
    );
    tellLarge(large, environment);
  } finally {
    bar.close();
  }
  if (facts.length + changes.length === 0) stderr.write(`${sameWords(before, after, paths)}\n`);
  return EXIT.ok;
}

async function sidesOf(
  invocation: Invocation,
  environment: Environment,
): Promise<readonly [Side, Side]> {
  const [first = "", second] = invocation.words.map(parseWholeJob);
  const session = await openSession(invocation, environment);
  return Promise.all([
    jobSide(session, first),
    second === undefined ? folderSide(environment) : jobSide(session, second),
  ]);
}

async function changesOf(
  before: Side,
  after: Side,
  { paths, environment }: { readonly paths: readonly string[]; readonly environment: Environment },
): Promise<readonly TreeChange[]> {
  if (before.snapshot === after.snapshot) return [];
  const trees = await Promise.all([before.manifest(), after.manifest()]);
  for (const path of unknownPaths(paths, trees)) {
    const from = after.cwd ? "the folder that you are in" : "the project's root";
    environment.stderr.write(
      `Neither has ${visibleText(JSON.stringify(path))}; paths begin at ${from}.\n`,
    );
  }
  for (const [place, { label }] of [before, after].entries()) {
    const isEmpty = trees[place]?.entries.length === 0;
    if (isEmpty) environment.stderr.write(`There are no files in ${label}.\n`);
  }
  const [old, young] = trees;
  const entries = old.entries.filter(({ path }) => !after.isLeftOut(path));
  return compareTrees({ ...old, entries }, young, paths);
}

function tellLarge(paths: readonly string[], { stderr }: Environment): void {
  const [first, ...others] = paths;
  if (first === undefined) return;
  const which = visibleText(JSON.stringify(first));
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  const most = formatSize(MOST_TEXT_BYTES);
  stderr.write(`Not compared line by line, being over ${most}: ${which}${more}.\n`);
}

function sameWords(before: Side, after: Side, paths: readonly string[]): string {
  const [one, other] = [before.facts?.job.id, after.facts?.job.id];
  if (one !== undefined && one === other) {
    return `Both are ${before.label}. "ml diff ${one}" compares it with the folder that you are in.`;
  }
  const what = paths.length === 0 ? "No difference" : "No difference in these paths";
  return `${what} between ${before.label} and ${after.label}.`;
}
