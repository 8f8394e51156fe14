// The command that brings back what jobs have left.
import type { Command } from "../command.ts";
import { ALLOW_GIT } from "./code-commands.ts";

/** pull. */
export const resultCommands: readonly Command[] = [
  {
    name: "pull",
    aliases: [],
    summary: "Pull what a job has left in $ML_OUTPUT_DIR.",
    usage: ["ml pull JOB [GLOB…] [-o DIR] [options]"],
    notes: [
      "A JOB is an id (12), an attempt (12#2), a name (your newest job of that name), @ (your last job) or @~1.\n" +
        "Outputs are for a job's owner and admins.",
      "Without -o the files go to ml-outputs/NAME-ID in the folder that you are in; of several attempts each gets a\n" +
        "folder of its own. A GLOB without a slash fits names at any depth; one that fits a folder takes all in it,\n" +
        "and what a link leads to comes with it.",
      "What was cut off goes on when the same command is typed again. What differs here, or is in the way, is left\n" +
        "(exit code 5), unless it is the beginning of what the job has by now. A file that cannot be given out, has no\n" +
        "name here or keeps changing is named, and so is a GLOB that fits nothing (exit code 1; 6 if none fits).",
      "What arrives is checked against its hash. A file here that has the size and the time of the job's counts as the same;\n" +
        "--verify reads it, and compares the content.",
    ],
    options: {
      output: { type: "string", short: "o", value: "DIR", help: "the folder to write to" },
      "latest-only": { type: "boolean", help: "only the newest attempt that has left something" },
      "include-log": { type: "boolean", help: "also the log of each attempt, as ID.ATTEMPT.log" },
      checkpoints: { type: "boolean", help: "what is in $ML_CHECKPOINT_DIR instead" },
      force: { type: "boolean", help: "replace files here that differ" },
      "allow-git": ALLOW_GIT,
      verify: { type: "boolean", help: "compare what is here by content, not by size and time" },
    },
    words: { name: "JOB", min: 1, max: Infinity, complete: "job-names" },
    examples: [
      { line: "ml pull my-training-job", does: "all that your newest job of that name has left" },
      { line: "ml pull 12 '*.pt' -o models", does: "only such files, into the folder models" },
      { line: "ml pull 12#2 --include-log", does: "what the second attempt has left, and its log" },
    ],
    load: () => import("../commands/pull.ts"),
  },
];
