// The commands that only look.
import { JOB_STATES } from "@fetchml/protocol";
import type { Command } from "../command.ts";

const JOB_NOTE =
  "A JOB is an id (12), an attempt (12#2), a name (your newest job of that name), @ (your last job) or @~1.";

/** status, list, show, why, logs, wait, in the order of help. */
export const lookCommands: readonly Command[] = [
  {
    name: "status",
    aliases: [],
    summary: "Show the server, you, the GPUs, and running and queued jobs.",
    usage: ["ml status"],
    options: {},
    words: { name: "nothing", min: 0, max: 0 },
    examples: [{ line: "ml status", does: "see whether you can reach the box and what it does" }],
    load: () => import("../commands/status.ts"),
  },
  {
    name: "list",
    aliases: [],
    summary: "List jobs, newest first.",
    usage: ["ml list [options]"],
    options: {
      all: { type: "boolean", help: "also jobs that have ended" },
      everyone: { type: "boolean", help: "also other people's jobs" },
      user: { type: "string", value: "USER", help: "only that user's jobs" },
      state: {
        type: "string",
        multiple: true,
        value: "STATE",
        help: "only jobs in that state; may be repeated",
        choices: JOB_STATES,
      },
      since: {
        type: "string",
        value: "TIME",
        help: "only jobs queued since 7d, 22:00 or 2026-12-01",
      },
      limit: { type: "string", value: "N", help: "at most so many (100)" },
    },
    words: { name: "nothing", min: 0, max: 0 },
    examples: [
      { line: "ml list", does: "your unfinished jobs" },
      { line: "ml list --all --since 7d", does: "all you queued in the last week" },
      { line: "ml list --everyone --state running --json", does: "what runs now, for a script" },
    ],
    load: () => import("../commands/list.ts"),
  },
  {
    name: "show",
    aliases: [],
    summary: "Show one job with its attempts.",
    usage: ["ml show JOB [--outputs]"],
    notes: [JOB_NOTE],
    options: {
      outputs: { type: "boolean", help: "all that the job has left, and nothing else" },
    },
    words: { name: "JOB", min: 1, max: 1, complete: "job-names" },
    examples: [
      { line: "ml show 12", does: "all there is to see of job 12" },
      { line: "ml show 12 --outputs", does: "every file that job 12 has left" },
      { line: "ml show @ --json", does: "your last job, for a script" },
    ],
    load: () => import("../commands/show.ts"),
  },
  {
    name: "why",
    aliases: [],
    summary: "Tell what a job waits for, or how and why it ended.",
    usage: ["ml why JOB"],
    notes: [JOB_NOTE],
    options: {},
    words: { name: "JOB", min: 1, max: 1, complete: "job-names" },
    examples: [{ line: "ml why my-training-job", does: "what it waits for, and behind whom" }],
    load: () => import("../commands/why.ts"),
  },
  {
    name: "logs",
    aliases: [],
    summary: "Print a job's log, or follow it.",
    usage: ["ml logs JOB [-f] [-n N] [--raw]"],
    notes: [
      JOB_NOTE,
      "With -f the exit code is that of the job. Ctrl-C ends the following and leaves the job alone.",
    ],
    options: {
      follow: { type: "boolean", short: "f", help: "go on until the job has ended" },
      lines: { type: "string", short: "n", value: "N", help: "begin with the last N lines" },
      raw: { type: "boolean", help: "the exact bytes, control sequences too" },
    },
    words: { name: "JOB", min: 1, max: 1, complete: "job-names" },
    examples: [
      { line: "ml logs -f @", does: "follow your last job" },
      { line: "ml logs 12#2 -n 50", does: "the end of the second attempt" },
      { line: "ml logs 12 --raw > job.log", does: "keep the log" },
    ],
    load: () => import("../commands/logs.ts"),
  },
  {
    name: "wait",
    aliases: [],
    summary: "Wait until jobs have ended.",
    usage: ["ml wait JOB…"],
    notes: [
      JOB_NOTE,
      "The exit code is the first that is not 0, in the order in which the jobs were named.",
    ],
    options: {},
    words: { name: "JOB", min: 1, max: Infinity, complete: "job-names" },
    examples: [{ line: "ml wait 12 13 && ml queue evaluate", does: "go on when both went well" }],
    load: () => import("../commands/wait.ts"),
  },
];
