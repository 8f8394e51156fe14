// Tests of the completion scripts, in the shells themselves.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import { commands } from "../command-table.ts";
import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { zshCompletion } from "./zsh.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-completion-"));
  writeFileSync(join(folder, "ml.toml"), '[project]\n[jobs.train]\ncommand = "x"\n[jobs."a.b"]\n');
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Standard output of a program in the folder with this `ml.toml`. */
function outputOf(argv: readonly string[]): string {
  const { stdout, stderr, exitCode } = Bun.spawnSync([...argv], { cwd: folder });
  expect(stderr.toString()).toBe("");
  expect(exitCode).toBe(0);
  return stdout.toString();
}

describe("bashCompletion()", () => {
  function completions(...words: readonly string[]): readonly string[] {
    const path = join(folder, "ml.bash");
    const typed = ["ml", ...words].map((word) => `'${word}'`).join(" ");
    const ask = `COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _ml; printf '%s\\n' "\${COMPREPLY[@]}"`;
    writeFileSync(path, `${bashCompletion(commands)}\n${ask}\n`);
    return outputOf(["bash", path]).split("\n").filter(Boolean);
  }

  test("completes verbs, options and words", () => {
    expect(completions("lo")).toEqual(["logs", "login", "logout"]);
    expect(completions("queue", "--g")).toEqual(["--gpus"]);
    expect(completions("completion", "")).toContain("fish");
    expect(completions("help", "can")).toEqual(["cancel"]);
  });

  test("completes both words of a command of two", () => {
    expect(completions("ke")).toEqual(["key"]);
    expect(completions("key", "")).toEqual(["list", "rotate", "--help"]);
    expect(completions("key", "rotate", "--p")).toEqual(["--print"]);
    expect(completions("key", "list", "--s")).toEqual([]);
  });

  test("completes the job names of ml.toml, and nothing of the job's own command", () => {
    expect(completions("submit", "tr")).toEqual(["train"]);
    expect(completions("--json", "run", "tr")).toEqual(["train"]);
    expect(completions("queue", "train", "--", "t")).toEqual([]);
  });
});

describe("fishCompletion()", () => {
  needsSystem("fish")("completes verbs, options and job names", () => {
    const path = join(folder, "ml.fish");
    writeFileSync(path, fishCompletion(commands));
    const completions = (line: string) =>
      outputOf(["fish", "--no-config", "-c", `source ml.fish; complete -C '${line}'`])
        .split("\n")
        .map((entry) => entry.split("\t")[0])
        .filter(Boolean);
    expect(new Set(completions("ml lo"))).toEqual(new Set(["login", "logout", "logs"]));
    expect(completions("ml queue --gp")).toEqual(["--gpus"]);
    expect(completions("ml queue tr")).toEqual(["train"]);
    expect(completions("ml list --state run")).toEqual(["running"]);
    expect(completions("ml ke")).toEqual(["key"]);
    expect(completions("ml key ")).toEqual(["list", "rotate"]);
    expect(completions("ml key rotate --pr")).toEqual(["--print"]);
    expect(completions("ml key list --sta")).toEqual([]);
    expect(completions("ml key rotate ")).toEqual([]);
  });
});

describe("zshCompletion()", () => {
  needsSystem("zsh")("is a script that zsh takes and registers", () => {
    const path = join(folder, "_ml");
    writeFileSync(path, zshCompletion(commands));
    const script = "autoload -Uz compinit; compinit -D -u; source ./_ml; print $_comps[ml]";
    expect(outputOf(["zsh", "-f", "-c", script])).toBe("_ml\n");
  });

  needsSystem("zsh")("offers verbs, options and job names", () => {
    writeFileSync(join(folder, "_ml"), zshCompletion(commands));
    // What the completion system would be handed, written out.
    const fake = `
      compdef() { :; }
      _describe() { print -l -- "\${(@P)2}"; }
      compadd() { shift; print -l -- "$@"; }
      source ./_ml`;
    const ask = (setting: string) => outputOf(["zsh", "-f", "-c", `${fake}\n${setting}\n_ml`]);
    expect(ask("words=(ml ''); CURRENT=2")).toContain("queue:Submit a job");
    expect(ask("words=(ml queue --g); CURRENT=3; PREFIX=--g")).toContain("--gpus:whole GPUs");
    expect(ask("words=(ml queue ''); CURRENT=3; PREFIX=")).toBe("train\n");
    expect(ask("words=(ml key ''); CURRENT=3; PREFIX=")).toBe("list\nrotate\n");
    expect(ask("words=(ml key rotate --p); CURRENT=4; PREFIX=--p")).toContain("--print:print");
  });
});
