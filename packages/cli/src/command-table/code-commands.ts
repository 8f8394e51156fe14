// The commands about the code that jobs were queued with.
import type { Command, OptionSpec } from "../command.ts";
import { REDO_OPTIONS } from "./job-options.ts";

const JOB_NOTE =
  "A JOB is an id (12), a name (your newest job of that name), @ (your last job) or @~1.\n" +
  "Code is for a job's owner and admins.";

/** For whoever trusts the job. */
export const ALLOW_GIT = {
  type: "boolean",
  help: "also what Git takes for a repository: its config may name commands",
} as const satisfies OptionSpec;

/** redo, code, diff, in the order of help. */
export const codeCommands: readonly Command[] = [
  {
    name: "redo",
    aliases: [],
    summary: "Submit a job again: the same code, command and needs, unless told otherwise.",
    usage: ["ml redo JOB [--fresh] [options] [-- MORE ARGS…]"],
    notes: [
      JOB_NOTE,
      "What follows -- is appended to its command. With --fresh the project folder that you are in is sent instead\n" +
        "of the old code, as it is now, with the setup that its ml.toml has; command, folder and needs stay those of JOB.",
    ],
    options: REDO_OPTIONS,
    words: { name: "JOB", min: 1, max: 1, complete: "job-names" },
    takesCommand: true,
    examples: [
      { line: "ml redo 12", does: "a new job from the code of job 12" },
      { line: "ml redo @ --gpus 2 -- --lr 0.3", does: "your last job, with more of both" },
      { line: "ml redo train --fresh", does: "as before, with what you have changed since" },
    ],
    load: () => import("../commands/redo.ts"),
  },
  {
    name: "code",
    aliases: [],
    summary: "Write the code that a job was queued with into a folder.",
    usage: ["ml code JOB -o DIR [--force]"],
    notes: [
      JOB_NOTE,
      "DIR is missing or empty, or holds what an earlier call that was cut off has left: then it goes on from there.",
    ],
    options: {
      output: { type: "string", short: "o", value: "DIR", help: "the folder to write to" },
      force: { type: "boolean", help: "write over files that differ; leave others alone" },
      "allow-git": ALLOW_GIT,
    },
    words: { name: "JOB", min: 1, max: 1, complete: "job-names" },
    examples: [
      { line: "ml code 12 -o then", does: "what you had when you queued job 12" },
      { line: "ml code @ -o . --force", does: "back to it, here" },
    ],
    load: () => import("../commands/code.ts"),
  },
  {
    name: "diff",
    aliases: [],
    summary: "Show what changed between two jobs: code, command, environment and needs.",
    usage: ["ml diff JOB JOB [--stat] [-- PATHS…]", "ml diff JOB [--stat] [-- PATHS…]"],
    notes: [
      JOB_NOTE,
      "With one JOB, the code is compared with the project that you are in, and paths begin at the folder that you are in;\n" +
        "with two, at the project's root.\n" +
        "Standard output is a patch that git apply takes, but for binary files.",
    ],
    options: { stat: { type: "boolean", help: "count changed lines, and show none" } },
    words: { name: "JOB", min: 1, max: 2, complete: "job-names" },
    takesPaths: true,
    examples: [
      { line: "ml diff @~1 @", does: "what your last job has that the one before had not" },
      { line: "ml diff 12 -- src", does: "what you have changed below src since job 12" },
      { line: "ml diff 12 13 --stat", does: "which files, and how much" },
    ],
    load: () => import("../commands/diff.ts"),
  },
];
