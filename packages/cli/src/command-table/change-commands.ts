// The commands that change jobs.
import type { Command } from "../command.ts";
import { RESOURCE_OPTIONS } from "./job-options.ts";

const JOB_NOTE =
  "A JOB is an id (12), a name (your newest unfinished job of that name), @ (your last job) or @~1.";

const PIN_JOB_NOTE =
  "A JOB is an id (12), a name (your newest job of that name), @ (your last job) or @~1.";

/** cancel, hold, release, edit, pin, unpin, in the order of help. */
export const changeCommands: readonly Command[] = [
  {
    name: "cancel",
    aliases: [],
    summary: "Cancel jobs.",
    usage: ["ml cancel JOB… [--now]", "ml cancel --all [--yes]"],
    notes: [
      JOB_NOTE,
      "A queued job ends at once. A running one gets TERM, 15 s to save its work, then KILL.",
    ],
    options: {
      now: { type: "boolean", help: "KILL without delay" },
      all: { type: "boolean", help: "all your unfinished jobs" },
      yes: { type: "boolean", short: "y", help: "do not ask" },
    },
    words: { name: "JOB", min: 0, max: Infinity, complete: "job-names" },
    examples: [
      { line: "ml cancel my-training-job", does: "cancel your job of that name" },
      { line: "ml cancel --all --yes", does: "cancel all your jobs without being asked" },
    ],
    load: () => import("../commands/cancel.ts"),
  },
  {
    name: "hold",
    aliases: [],
    summary: "Keep a queued job from starting.",
    usage: ["ml hold JOB"],
    notes: [JOB_NOTE],
    options: {},
    words: { name: "JOB", min: 1, max: 1, complete: "job-names" },
    examples: [{ line: "ml hold 12", does: 'job 12 waits until "ml release 12"' }],
    load: () => import("../commands/hold.ts"),
  },
  {
    name: "release",
    aliases: [],
    summary: "Let a held job start again.",
    usage: ["ml release JOB"],
    notes: [JOB_NOTE],
    options: {},
    words: { name: "JOB", min: 1, max: 1, complete: "job-names" },
    examples: [{ line: "ml release 12", does: "job 12 may start again" }],
    load: () => import("../commands/release.ts"),
  },
  {
    name: "edit",
    aliases: [],
    summary: "Change what a queued job asks for.",
    usage: ["ml edit JOB [options]"],
    notes: [JOB_NOTE, "An admin may also extend the time of a running job."],
    options: {
      ...RESOURCE_OPTIONS,
      first: { type: "boolean", help: "before your own other queued jobs" },
    },
    words: { name: "JOB", min: 1, max: 1, complete: "job-names" },
    examples: [
      { line: "ml edit 12 --gpus 2 --timeout 8h", does: "ask for more" },
      { line: "ml edit 12 --first", does: "before your own others" },
    ],
    load: () => import("../commands/edit.ts"),
  },
  {
    name: "pin",
    aliases: [],
    summary: "Keep all that is left of a job.",
    usage: ["ml pin JOB"],
    notes: [
      PIN_JOB_NOTE,
      "Outputs, logs and code of ended jobs are removed after some time, mostly 90 days. Those of a pinned job stay.",
    ],
    options: {},
    words: { name: "JOB", min: 1, max: 1, complete: "job-names" },
    examples: [
      { line: "ml pin 12", does: 'job 12 stays whole until "ml unpin 12"' },
      { line: "ml pin my-training-job", does: "pin your newest job of that name" },
    ],
    load: () => import("../commands/pin.ts"),
  },
  {
    name: "unpin",
    aliases: [],
    summary: "Let what is left of a job be removed in its time.",
    usage: ["ml unpin JOB"],
    notes: [PIN_JOB_NOTE],
    options: {},
    words: { name: "JOB", min: 1, max: 1, complete: "job-names" },
    examples: [{ line: "ml unpin 12", does: "job 12 may be removed when its time is over" }],
    load: () => import("../commands/unpin.ts"),
  },
];
