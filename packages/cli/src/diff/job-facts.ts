// What changed between two jobs beside their code: command, folder, environment, needs.
import type { JobDetail, JobPrivate } from "@fetchml/protocol";
import { formatDuration, formatSize, parseDuration, parseSize } from "@fetchml/protocol";
import { commandWords, quotedWord } from "../render/command-words.ts";
import { gitWords } from "../render/git-words.ts";
import { needsWords } from "../render/job-table.ts";

/** One thing that differs. A side without it is empty. */
export interface FactChange {
  readonly name: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** All that differs, in the order in which `ml show` shows it. */
export function compareFacts(before: FactsOf, after: FactsOf): readonly FactChange[] {
  const [old, young] = [factsOf(before), factsOf(after)];
  const names = new Set([...old.keys(), ...young.keys()]);
  return [...names].flatMap((name) => {
    const [was, is] = [old.get(name) ?? [], young.get(name) ?? []];
    const gone = was.filter((line) => !is.includes(line));
    const come = is.filter((line) => !was.includes(line));
    return gone.length + come.length === 0 ? [] : [{ name, before: gone, after: come }];
  });
}

/** A job whose private part may be seen. */
export interface FactsOf {
  readonly job: JobDetail;
  readonly own: JobPrivate;
}

function factsOf({ job, own }: FactsOf): ReadonlyMap<string, readonly string[]> {
  // The code is compared file by file; which job it does again is no difference in what it does.
  const { command, cwd, env, git, snapshot: _, redo_of: __, ...others } = own;
  const lines: readonly (readonly [name: string, lines: readonly string[]])[] = [
    ["name", [job.name]],
    ["command", [commandWords(command)]],
    ["folder", cwd === "" ? [] : [cwd]],
    ["env", Object.entries(env).map(([name, value]) => `${name}=${quotedWord(value)}`)],
    ["needs", [needsWords(job) + exactSize(job.mem_bytes)]],
    ["limit", durationLines(job.timeout_ms)],
    ["silence", durationLines(job.no_output_ms)],
    ["retries", job.retries === 0 ? [] : [String(job.retries)]],
    ...Object.entries(others).map(([name, value]) => [name, linesOf(value)] as const),
    ["git", git === null ? [] : [gitWords(git)]],
  ];
  return new Map(lines);
}

/** What is added where the short words are not exact: two needs that differ must not read alike. */
function exactSize(bytes: number): string {
  return parseSize(formatSize(bytes)) === bytes ? "" : ` (${bytes} B)`;
}

function durationLines(ms: number | null | undefined): readonly string[] {
  if (ms === null || ms === undefined) return [];
  const words = formatDuration(ms);
  return [parseDuration(words) === ms ? words : `${words} (${ms}ms)`];
}

/** Of what a newer server tells too. */
function linesOf(value: unknown): readonly string[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.map((one) => JSON.stringify(one));
  if (typeof value !== "object") return [JSON.stringify(value)];
  return Object.entries(value).map(([name, one]) => `${name} ${JSON.stringify(one)}`);
}
