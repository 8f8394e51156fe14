// The commands that submit jobs.
import type { Command } from "../command.ts";
import { SUBMIT_OPTIONS } from "./job-options.ts";

const COMMAND_NOTE =
  "The command comes from [jobs.NAME] in ml.toml, or from what follows --. With both, what follows -- is\n" +
  "appended. The project folder is sent as it is now; later changes do not matter to the job.";

/** queue, run, in the order of help. */
export const submitCommands: readonly Command[] = [
  {
    name: "queue",
    aliases: ["submit"],
    summary: "Submit a job; without a name, print the queue.",
    usage: ["ml queue NAME [options] [-- COMMAND…]", "ml queue"],
    notes: [COMMAND_NOTE],
    options: SUBMIT_OPTIONS,
    words: { name: "NAME", min: 0, max: 1, complete: "job-names" },
    takesCommand: true,
    examples: [
      { line: "ml queue my-training-job", does: "submit [jobs.my-training-job] of ml.toml" },
      { line: "ml queue sweep --gpus 1 -- python3 train.py --lr 0.1", does: "submit a command" },
      { line: "ml queue my-training-job -- --epochs 50", does: "append to its command" },
      { line: "ml queue", does: "print the queue" },
    ],
    load: () => import("../commands/queue.ts"),
  },
  {
    name: "run",
    aliases: [],
    summary: "Submit a job, follow its log, and end with its exit code.",
    usage: ["ml run NAME [options] [-- COMMAND…]"],
    notes: [
      COMMAND_NOTE,
      "Ctrl-C ends the following and leaves the job alone. Exit code: that of the job, 128+N for a signal, 124\n" +
        "for timed out, 125 when it could not be started or ml lost it, 1 for cancelled or lost.",
    ],
    options: SUBMIT_OPTIONS,
    words: { name: "NAME", min: 1, max: 1, complete: "job-names" },
    takesCommand: true,
    examples: [
      { line: "ml run my-training-job", does: "submit it and watch it" },
      { line: "ml run test -- pytest -q && ml queue train", does: "train only when tests pass" },
    ],
    load: () => import("../commands/run.ts"),
  },
];
