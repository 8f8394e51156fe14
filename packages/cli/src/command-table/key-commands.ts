// The commands about your own keys.
import type { Command } from "../command.ts";

/** key list, key rotate, in the order of help. */
export const keyCommands: readonly Command[] = [
  {
    name: "key list",
    aliases: [],
    summary: "List your own API keys.",
    usage: ["ml key list"],
    notes: ["Shows ids, never a key: nobody can show a key again."],
    options: {},
    words: { name: "nothing", min: 0, max: 0 },
    examples: [{ line: "ml key list", does: "which keys you have, and when each was last used" }],
    load: () => import("../commands/key-list.ts"),
  },
  {
    name: "key rotate",
    aliases: [],
    summary: "Get a new API key and put it into the config.",
    usage: ["ml key rotate", "ml key rotate --print"],
    notes: [
      "The new key counts from its first use on, which this command makes at once; the old key then works for a\n" +
        "while longer, for jobs and terminals that have it still. Whatever fails on the way, one key of the two\n" +
        "stays good and is in the config.",
      "A key from ML_API_KEY or api_key_command is not ours to store: --print shows the new one to store it yourself.",
    ],
    options: {
      print: { type: "boolean", help: "print the new key alone and leave the config as it is" },
    },
    words: { name: "nothing", min: 0, max: 0 },
    examples: [
      { line: "ml key rotate", does: "new key, config rewritten" },
      { line: "ml key rotate --print", does: "new key on standard output, to store by hand" },
    ],
    load: () => import("../commands/key-rotate.ts"),
  },
];
