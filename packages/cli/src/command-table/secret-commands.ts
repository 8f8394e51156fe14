// The commands about your own secrets for jobs.
import type { Command } from "../command.ts";

/** secret set, secret list, secret rm, in the order of help. */
export const secretCommands: readonly Command[] = [
  {
    name: "secret set",
    aliases: [],
    summary: "Keep a secret on the box for your jobs.",
    usage: ["ml secret set NAME", "ml secret set NAME < FILE"],
    notes: [
      "Asks for the value with hidden input, or reads it from standard input; one line end at its end is dropped.\n" +
        'The box keeps it encrypted and never shows it again. A job gets it with "--secret NAME", as a variable of\n' +
        "that name; where the job's log holds it, asterisks are shown.",
    ],
    options: {},
    words: { name: "NAME", min: 1, max: 1 },
    examples: [
      { line: "ml secret set HF_TOKEN", does: "asks for it, hidden" },
      { line: "ml secret set HF_TOKEN < token.txt", does: "reads it from a file" },
    ],
    load: () => import("../commands/secret-set.ts"),
  },
  {
    name: "secret list",
    aliases: [],
    summary: "List the names of your secrets.",
    usage: ["ml secret list"],
    notes: ["Shows names, never a value."],
    options: {},
    words: { name: "nothing", min: 0, max: 0 },
    examples: [{ line: "ml secret list", does: "which secrets you have, and since when" }],
    load: () => import("../commands/secret-list.ts"),
  },
  {
    name: "secret rm",
    aliases: ["secret remove"],
    summary: "Forget a secret.",
    usage: ["ml secret rm NAME"],
    notes: ["Jobs that run keep what they were given; queued ones that ask for it will not start."],
    options: {},
    words: { name: "NAME", min: 1, max: 1 },
    examples: [{ line: "ml secret rm HF_TOKEN", does: "forget it" }],
    load: () => import("../commands/secret-rm.ts"),
  },
];
