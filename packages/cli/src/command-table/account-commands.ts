// The commands about who you are to the server.
import type { Command } from "../command.ts";

/** login, logout, whoami, in the order of help. */
export const accountCommands: readonly Command[] = [
  {
    name: "login",
    aliases: [],
    summary: "Tell ml your API key.",
    usage: ["ml login [URL]"],
    notes: [
      "Asks for the key with hidden input, or reads it from standard input. It is checked here, then at the\n" +
        "server, and written to ~/.ml/config.toml. There is no option for the key: everybody on a machine can\n" +
        "read the arguments of a command.",
    ],
    options: {},
    words: { name: "URL", min: 0, max: 1 },
    examples: [
      { line: "ml login", does: "asks for the key" },
      { line: "ml login ws://localhost:9100/ws < key.txt", does: "reads it from a file" },
    ],
    load: () => import("../commands/login.ts"),
  },
  {
    name: "logout",
    aliases: [],
    summary: "Forget your API key.",
    usage: ["ml logout"],
    notes: ["Removes the key from the config. It stays valid: only the admin can revoke it."],
    options: {},
    words: { name: "nothing", min: 0, max: 0 },
    examples: [{ line: "ml logout", does: "remove the key from ~/.ml/config.toml" }],
    load: () => import("../commands/logout.ts"),
  },
  {
    name: "whoami",
    aliases: [],
    summary: "Tell who you are to the server.",
    usage: ["ml whoami"],
    options: {},
    words: { name: "nothing", min: 0, max: 0 },
    examples: [{ line: "ml whoami", does: "your user, role and key id" }],
    load: () => import("../commands/whoami.ts"),
  },
];
