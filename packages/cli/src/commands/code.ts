// `ml code`: the code that a job was queued with, in a folder.
import { resolve } from "node:path";
import { giveCodeBack, type CodeGiven } from "@fetchml/client/code";
import { EXIT, FetchmlError, type JobDetail } from "@fetchml/protocol";
import { isSet, textOf } from "../args/option-values.ts";
import type { Invocation, RunCommand } from "../command.ts";
import type { Environment } from "../environment.ts";
import { findJobWithCode } from "../job-with-code.ts";
import { parseWholeJob } from "../job-reference.ts";
import { filesWords } from "../render/files-words.ts";
import { writeJson } from "../render/json.ts";
import { jobWords } from "../render/outcome-words.ts";
import { plainText } from "../render/plain-text.ts";
import { openProgressBar } from "../render/progress-bar.ts";
import { wantsJson } from "../screen.ts";
import { openSession } from "../session.ts";
import { tellingInterrupt, type AtInterrupt } from "../tell-interrupt.ts";

/** Writes the tree and tells what was written; 130 after Ctrl-C. @throws FetchmlError usage, bad-file, bad-content, and as the server does */
export const run: RunCommand = async (invocation, environment) => {
  const folder = folderOf(invocation);
  return tellingInterrupt(environment, "Nothing was written.", (at) =>
    giveBack(folder, { invocation, environment, at }),
  );
};

async function giveBack(
  folder: string,
  {
    invocation,
    environment,
    at,
  }: {
    readonly invocation: Invocation;
    readonly environment: Environment;
    readonly at: AtInterrupt;
  },
): Promise<number> {
  const { stdout, stderr } = environment;
  const session = await openSession(invocation, environment);
  const { job, own } = await findJobWithCode(session, parseWholeJob(invocation.words[0] ?? ""));
  const { snapshot } = own;
  const bar = openProgressBar(stderr, "Fetching", environment.now);
  at.clear = () => bar.close();
  let given: CodeGiven;
  try {
    given = await giveCodeBack(session.endpoint, {
      jobId: job.id,
      snapshot,
      target: resolve(environment.workingFolder, folder),
      force: isSet(invocation.options, "force"),
      platform: environment.platform,
      allowsGit: isSet(invocation.options, "allow-git"),
      onClaimed: (letGo) => {
        at.words = `What has come stays in ${plainText(folder)}; the same command goes on from there.`;
        at.clear = () => {
          bar.close();
          letGo();
        };
      },
      onProgress: (doneBytes, totalBytes) => bar.update(doneBytes, totalBytes),
    });
  } finally {
    bar.close();
  }
  tellStrange(given.strange, environment);
  if (wantsJson(invocation)) writeJson(stdout, jsonOf(job, snapshot, { given, folder }));
  else stdout.write(`${givenWords(job, given, folder)}\n`);
  return EXIT.ok;
}

function folderOf({ words, options }: Invocation): string {
  const folder = textOf(options, "output");
  if (folder !== null && folder !== "") return folder;
  const [job = "JOB"] = words;
  throw new FetchmlError("usage", `Say where to write the code: ml code ${job} -o DIR`);
}

function givenWords(job: JobDetail, given: CodeGiven, folder: string): string {
  const { entries, links, totalBytes, ready } = given;
  const what = filesWords({ files: entries - links, links, bytes: totalBytes });
  const before = ready === 0 ? "" : `, ${ready === entries ? "all" : ready} of them there before`;
  return `Code of job ${jobWords(job)} in ${plainText(folder)}: ${what}${before}`;
}

function jsonOf(
  job: JobDetail,
  snapshot: string | null,
  { given, folder }: { readonly given: CodeGiven; readonly folder: string },
): unknown {
  const { entries, links, totalBytes, ready, strange } = given;
  return {
    job_id: job.id,
    snapshot,
    folder,
    entries,
    links,
    total_bytes: totalBytes,
    ready,
    left_alone: strange,
  };
}

function tellStrange(paths: readonly string[], { stderr }: Environment): void {
  const [first, ...others] = paths;
  if (first === undefined) return;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  stderr.write(`Not of that code, left alone: ${plainText(JSON.stringify(first))}${more}\n`);
}
