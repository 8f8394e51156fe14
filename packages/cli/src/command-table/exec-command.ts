// The command that runs something inside a running job.
import type { Command } from "../command.ts";

/** exec. */
export const execCommand: Command = {
  name: "exec",
  aliases: [],
  summary: "Run one command inside a running job.",
  usage: ["ml exec JOB -- COMMAND…"],
  notes: [
    "A JOB is an id (12), an attempt (12#2), a name (your newest unfinished job of that name), @ (your last job) or @~1.",
    "The command has the job's sandbox, folder, GPUs and variables. It ends with the job, and with this ml.",
    "It gets no terminal; a pipe or a file reaches its standard input, and Ctrl-C is passed on as INT.",
    "The exit code is that of the command, 128+N after signal N.",
  ],
  options: {},
  words: { name: "JOB", min: 1, max: 1, complete: "job-names" },
  takesCommand: true,
  examples: [
    { line: "ml exec @ -- nvidia-smi", does: "what your last job makes its GPU do" },
    { line: "ml exec 12 -- sh -c 'ls -l $ML_OUTPUT_DIR'", does: "what job 12 has left so far" },
  ],
  load: () => import("../commands/exec.ts"),
};
