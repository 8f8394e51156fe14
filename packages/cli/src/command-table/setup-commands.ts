// The commands that set things up on this machine.
import type { Command } from "../command.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

/** init, tunnel, doctor, completion, in the order of help. */
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
    name: "tunnel",
    aliases: [],
    summary: "Open an SSH tunnel to the box, and keep it open.",
    usage: ["ml tunnel [USER@HOST] [options] [-- SSH OPTIONS…]"],
    notes: [
      "Runs ssh -N -L from the port of api_url to port 9100 of the box, sees whether FetchML answers through it, and opens\n" +
        "it anew when it was lost. Without USER@HOST it is worker_host of the config. Ctrl-C closes it.",
      "Who logs in there is ssh's business: its keys, its agent, ~/.ssh/config. Your API key is not used.",
    ],
    options: {
      port: { type: "string", value: "N", help: "where FetchML listens on the box; 9100" },
      "local-port": { type: "string", value: "N", help: "here; default that of api_url" },
      "print-config": { type: "boolean", help: "print lines for ~/.ssh/config and stop" },
    },
    words: { name: "USER@HOST", min: 0, max: 1 },
    takesSshOptions: true,
    examples: [
      { line: "ml tunnel you@box", does: "and leave it open" },
      { line: "ml tunnel you@box -- -p 2222 -i ~/.ssh/box", does: "with options of ssh" },
      { line: "ml tunnel you@box --print-config", does: "the same for ssh_config" },
    ],
    load: () => import("../commands/tunnel.ts"),
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
