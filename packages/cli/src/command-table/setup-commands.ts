// The commands that set things up on this machine.
import type { Command } from "../command.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

/** init, doctor, completion, in the order of help. */
export const setupCommands: readonly Command[] = [
  {
    name: "init",
    aliases: [],
    summary: "Write an ml.toml for this project.",
    usage: ["ml init"],
    notes: ["Never writes over a file that is there."],
    options: {},
    words: { name: "nothing", min: 0, max: 0 },
    examples: [{ line: "ml init", does: "write ./ml.toml with an example to change" }],
    load: () => import("../commands/init.ts"),
  },
  {
    name: "doctor",
    aliases: [],
    summary: "Find out what is wrong between here and the server.",
    usage: ["ml doctor"],
    notes: [
      "Checks config, key, tunnel, TLS, server, expiry, version, clock and round-trip time. Each check is ok, a warning\n" +
        "or failed, the last two with the one command that mends it. Exit code 1 when one has failed, else 0.",
    ],
    options: {},
    words: { name: "nothing", min: 0, max: 0 },
    examples: [
      { line: "ml doctor", does: "all checks" },
      { line: "ml doctor --json", does: "the same for a program" },
    ],
    load: () => import("../commands/doctor.ts"),
  },
  {
    name: "completion",
    aliases: [],
    summary: "Print what makes a shell complete ml commands.",
    usage: ["ml completion bash|zsh|fish"],
    options: {},
    words: { name: "SHELL", min: 1, max: 1, complete: SHELLS },
    examples: [
      { line: 'eval "$(ml completion bash)"', does: "in ~/.bashrc" },
      { line: "ml completion zsh > ~/.zfunc/_ml", does: "with ~/.zfunc in fpath" },
      { line: "ml completion fish > ~/.config/fish/completions/ml.fish", does: "for fish" },
    ],
    load: () => import("../commands/completion.ts"),
  },
];
