// `ml diff`: what changed between two jobs, or in the project folder since one.
import { EXIT } from "@fetchml/protocol";
import { isSet } from "../args/option-values.ts";
import type { Invocation, RunCommand } from "../command.ts";
import { compareFacts } from "../diff/job-facts.ts";
import { patchesOf } from "../diff/patches.ts";
import { folderSide, jobSide, type Side } from "../diff/sides.ts";
import { compareTrees, unknownPaths, type TreeChange } from "../diff/tree-changes.ts";
import type { Environment } from "../environment.ts";
import { parseWholeJob } from "../job-reference.ts";
import { visibleText } from "../render/visible-text.ts";
import { openProgressBar } from "../render/progress-bar.ts";
import { paletteOf, wantsJson, widthOf } from "../screen.ts";
import { openSession } from "../session.ts";
import { showDiff } from "../show-diff.ts";

/** Shows what changed. @throws FetchmlError usage, bad-project, bad-content, and as the server does */
export const run: RunCommand = async (invocation, environment) => {
  const { stdout, stderr } = environment;
  const [before, after] = await sidesOf(invocation, environment);
  const paths = invocation.command ?? [];
  const changes = await changesOf(before, after, { paths, environment });
  // Whoever names paths asks about code.
  const isAboutJobs = paths.length === 0 && before.facts !== null && after.facts !== null;
  const facts = isAboutJobs ? compareFacts(before.facts, after.facts) : [];
  const bar = openProgressBar(stderr, "Fetching", environment.now);
  try {
    await showDiff(
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
        palette: paletteOf(stdout, invocation, environment),
        width: widthOf(stdout),
        as: wantsJson(invocation) ? "json" : "text",
        isStat: isSet(invocation.options, "stat"),
        clear: () => bar.close(),
      },
    );
  } finally {
    bar.close();
  }
  if (facts.length + changes.length === 0) stderr.write(`${sameWords(before, after, paths)}\n`);
  return EXIT.ok;
};

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
    environment.stderr.write(`Neither has ${visibleText(JSON.stringify(path))}.\n`);
  }
  return compareTrees(...trees, paths);
}

function sameWords(before: Side, after: Side, paths: readonly string[]): string {
  const what = paths.length === 0 ? "No difference" : "No difference in these paths";
  return `${what} between ${before.label} and ${after.label}.`;
}
