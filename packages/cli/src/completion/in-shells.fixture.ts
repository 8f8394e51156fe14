// What completion scripts offer, asked of the shells themselves.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "bun:test";
import { bashCompletion } from "./bash.ts";
import type { CompletedProgram } from "./completed-program.ts";
import { fishCompletion } from "./fish.ts";
import { zshCompletion } from "./zsh.ts";

/** A program whose scripts lie in a folder, in which the shells run. */
export interface InShells {
  /** What bash offers for the last of the words behind the program's name. */
  bash(...words: readonly string[]): readonly string[];
  /** What fish offers at the end of a line, without descriptions. */
  fish(line: string): readonly string[];
  /** What zsh's completion system would be handed; the words behind the program's name, the last of them the one that is typed. */
  zsh(...words: readonly string[]): string;
  /** The function that the completion system of zsh takes for the program. */
  zshFunction(): string;
}

/** Writes the scripts into a folder. */
export function inShells(folder: string, program: CompletedProgram): InShells {
  const { name } = program;
  const outputOf = (argv: readonly string[]): string => {
    const { stdout, stderr, exitCode } = Bun.spawnSync([...argv], { cwd: folder });
    expect(stderr.toString()).toBe("");
    expect(exitCode).toBe(0);
    return stdout.toString();
  };
  const linesOf = (argv: readonly string[]) => outputOf(argv).split("\n").filter(Boolean);
  const at = (file: string) => join(folder, file);
  writeFileSync(at(`${name}.bash`), bashCompletion(program));
  writeFileSync(at(`${name}.fish`), fishCompletion(program));
  writeFileSync(at(`_${name}`), zshCompletion(program));
  return {
    bash: (...words) => {
      const typed = [name, ...words].map(quoted).join(" ");
      return linesOf([
        "bash",
        "-c",
        `source ./${name}.bash; COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _${name}; printf '%s\\n' "\${COMPREPLY[@]}"`,
      ]);
    },
    fish: (line) =>
      linesOf([
        "fish",
        "--no-config",
        "-c",
        `source ${name}.fish; complete -C ${quoted(line)}`,
      ]).map((entry) => entry.split("\t")[0] ?? ""),
    zsh: (...words) => {
      const typed = [name, ...words].map(quoted).join(" ");
      const setting = `words=(${typed}); CURRENT=${words.length + 1}; PREFIX=${quoted(words.at(-1) ?? "")}`;
      return outputOf(["zsh", "-f", "-c", `${STAND_INS}\nsource ./_${name}\n${setting}\n_${name}`]);
    },
    zshFunction: () => {
      const script = `autoload -Uz compinit; compinit -D -u; source ./_${name}; print $_comps[${name}]`;
      return outputOf(["zsh", "-f", "-c", script]).trim();
    },
  };
}

/** Print what they are handed. */
const STAND_INS = `
compdef() { :; }
_describe() { print -l -- "\${(@P)2}"; }
compadd() { shift; print -l -- "$@"; }
_files() { print FILES; }`;

function quoted(word: string): string {
  return `'${word}'`;
}
