// Finds commands in a document that do not exist: `npm run X`, `ml VERB`, `fetchml VERB`.

import type { Complaint } from "../complaint.ts";
import type { Document } from "./document.ts";

/** The commands that exist. */
export interface KnownCommands {
  /** Names of the scripts in `package.json`. */
  readonly npm: readonly string[];
  /** Verbs of `ml`; a verb of two words stands as `key list`. */
  readonly ml: readonly string[];
  /** Verbs of `fetchml`, likewise. */
  readonly fetchml: readonly string[];
}

/** Every command in a code span or a shell fence, outside planned sections, that is not among those known. */
export function findUnknownCommands(
  document: Document,
  known: KnownCommands,
): readonly Complaint[] {
  const complaints: Complaint[] = [];
  for (const { kind, text, line, isPlanned } of document.pieces) {
    if (isPlanned || (kind !== "code" && kind !== "shell")) continue;
    for (const name of [...unknownScripts(text, known.npm), ...unknownVerbs(text, known)]) {
      complaints.push({
        path: document.path,
        line,
        rule: "named-command",
        problem: `names "${name}", which does not exist`,
        remedy: "Mend the name, or mark the section as <!-- planned --> … <!-- /planned -->",
      });
    }
  }
  return complaints;
}

function unknownScripts(text: string, scripts: readonly string[]): readonly string[] {
  const run = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = ""]) => name);
  const short = [...text.matchAll(/\bnpm (test|start)\b/g)].map(([, name = ""]) => name);
  return [...run, ...short]
    .filter((name) => !scripts.includes(name))
    .map((name) => `npm run ${name}`);
}

/** A command's start: the line's or after `&&`, `|`, `;`, `(`; then maybe a prompt, sudo, variables, a folder. */
const commandLine =
  /(?:^|&&|[|;(])\s*(?:[$#>] )?(?:sudo (?:-\w+ \S+ )*)?(?:[A-Z_]+=\S+ )*(?:[\w./~-]*\/)?(ml|fetchml) ([^#;&]*)/g;

function unknownVerbs(text: string, known: KnownCommands): readonly string[] {
  return [...text.matchAll(commandLine)].flatMap(([, program = "", rest = ""]) => {
    const names = program === "ml" ? known.ml : known.fetchml;
    const [first, second] = rest.trim().split(/\s+/);
    return alternatives(first)
      .flatMap((verb) => unknownForms(verb, second, names))
      .map((verb) => `${program} ${verb}`);
  });
}

function unknownForms(
  verb: string,
  second: string | undefined,
  names: readonly string[],
): readonly string[] {
  if (names.includes(verb)) return [];
  if (!names.some((name) => name.startsWith(`${verb} `))) return [verb];
  // `fetchml key` alone, or before a placeholder, speaks of the whole group.
  return alternatives(second)
    .map((word) => `${verb} ${word}`)
    .filter((name) => !names.includes(name));
}

/** `add|list` are two verbs; a flag, a placeholder or nothing is none. */
function alternatives(word: string | undefined): readonly string[] {
  const isVerbs = word !== undefined && /^[a-z][a-z-]*(?:\|[a-z][a-z-]*)*$/.test(word);
  return isVerbs ? word.split("|") : [];
}
