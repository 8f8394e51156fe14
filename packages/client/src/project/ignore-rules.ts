// The rules of one ignore file, and what they say of a name.
import { lowerAscii } from "./byte-string.ts";
import { compileGlob, literalLength } from "./glob.ts";

/** What an ignore file is asked about; all texts are byte strings. */
export interface Candidate {
  /** Last part of the path. */
  readonly name: string;
  /** Path below the folder in which the ignore file stands, without a slash at either end. */
  readonly path: string;
  readonly isFolder: boolean;
}

/** `true`: ignored. `false`: taken back by a rule with `!`. `null`: no rule speaks of it. */
export type Verdict = boolean | null;

/** The rules of one ignore file. */
export interface IgnoreRules {
  verdict(candidate: Candidate): Verdict;
}

/**
 * Reads an ignore file as Git does (gitignore(5)); the last rule that matches decides. Nearly all rules of real projects
 * are plain names, plain paths or `*.ending`, and are looked up rather than tried one by one: Git's own template for Python
 * has 80 rules, and each file of a project is asked about.
 *
 * @param text the file as a byte string
 */
export function parseIgnoreRules(
  text: string,
  { ignoreCase }: { readonly ignoreCase: boolean },
): IgnoreRules {
  const names = new Map<string, Rule[]>();
  const paths = new Map<string, Rule[]>();
  const endings = new Map<number, Map<string, Rule[]>>();
  const globs: Rule[] = [];
  for (const [index, rawLine] of text.replace(BYTE_ORDER_MARK, "").split("\n").entries()) {
    const line = readLine(rawLine);
    if (line === null) continue;
    const { pattern, ...rest } = line;
    const rule = { ...rest, index };
    const literal = ignoreCase ? lowerAscii(pattern) : pattern;
    if (literalLength(pattern) === pattern.length) {
      add(rest.anchored ? paths : names, literal, rule);
    } else if (!rest.anchored && isEnding(pattern)) {
      const ofLength = endings.get(pattern.length - 1) ?? new Map<string, Rule[]>();
      endings.set(pattern.length - 1, ofLength);
      add(ofLength, literal.slice(1), rule);
    } else globs.push({ ...rule, matches: compileGlob(pattern, { lowered: ignoreCase }) });
  }
  globs.reverse();
  return {
    verdict(asked) {
      const candidate = ignoreCase ? lowered(asked) : asked;
      const { name, path, isFolder } = candidate;
      let best = later(null, names.get(name), isFolder);
      best = later(best, paths.get(path), isFolder);
      for (const [length, ofLength] of endings) {
        if (length > name.length) continue;
        best = later(best, ofLength.get(name.slice(name.length - length)), isFolder);
      }
      for (const glob of globs) {
        if (best !== null && glob.index < best.index) break;
        if (glob.foldersOnly && !isFolder) continue;
        if (glob.matches?.(glob.anchored ? path : name) === true) best = glob;
      }
      return best === null ? null : !best.negated;
    },
  };
}

interface Line {
  readonly pattern: string;
  readonly negated: boolean;
  readonly foldersOnly: boolean;
  /** Whether it matches the path from the ignore file down, rather than a name at any depth. */
  readonly anchored: boolean;
}

interface Rule extends Omit<Line, "pattern"> {
  readonly index: number;
  readonly matches?: (text: string) => boolean;
}

const BYTE_ORDER_MARK = /^\xef\xbb\xbf/;

function readLine(rawLine: string): Line | null {
  if (rawLine.startsWith("#")) return null;
  // Git's lines are strings of C, which end at the first NUL.
  const [text = ""] = rawLine.replace(/\r$/, "").split("\0", 1);
  const line = withoutTrailingSpaces(text);
  const negated = line.startsWith("!");
  let pattern = negated ? line.slice(1) : line;
  const foldersOnly = pattern.endsWith("/");
  if (foldersOnly) pattern = pattern.slice(0, -1);
  const anchored = pattern.includes("/");
  if (pattern.startsWith("/")) pattern = pattern.slice(1);
  return pattern === "" ? null : { pattern, negated, foldersOnly, anchored };
}

/** Spaces at the end go, but for one behind a backslash and what stands before it. */
function withoutTrailingSpaces(line: string): string {
  let end = 0;
  for (let at = 0; at < line.length; at++) {
    if (line[at] === " ") continue;
    if (line[at] === "\\") at += 1;
    end = at + 1;
  }
  return line.slice(0, end);
}

function isEnding(pattern: string): boolean {
  return pattern.startsWith("*") && literalLength(pattern.slice(1)) === pattern.length - 1;
}

function add(rules: Map<string, Rule[]>, key: string, rule: Rule): void {
  const known = rules.get(key);
  if (known === undefined) rules.set(key, [rule]);
  else known.push(rule);
}

function later(best: Rule | null, rules: readonly Rule[] | undefined, isFolder: boolean) {
  if (rules === undefined) return best;
  const rule = rules.findLast(({ foldersOnly }) => isFolder || !foldersOnly);
  return rule !== undefined && (best === null || rule.index > best.index) ? rule : best;
}

function lowered({ name, path, isFolder }: Candidate): Candidate {
  return { name: lowerAscii(name), path: lowerAscii(path), isFolder };
}
