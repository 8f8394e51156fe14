// Reads ml.toml: what a project says of itself and of its jobs.
import {
  ENV_NAME,
  jobNameProblem,
  parseDuration,
  parseSize,
  RETRY_CAUSES,
  type RetryCause,
} from "@fetchml/protocol";
import {
  asTable,
  asText,
  asTexts,
  asWhole,
  badValue,
  member,
  readTomlFile,
  unknownKeys,
  type Placed,
} from "./toml-file.ts";

/** A checked `ml.toml`. What the file does not say is `null`, or empty. */
export interface ProjectFile {
  /** Absolute path. */
  readonly path: string;
  /** Name of a job where `ml queue` gives none. Default: the folder's. */
  readonly name: string | null;
  /** Lines of an ignore file that counts from the root. */
  readonly ignore: readonly string[];
  /** All that is sent together at most; the server may allow less. */
  readonly max_size_bytes: number | null;
  /** One file at most. */
  readonly max_file_size_bytes: number | null;
  /** Files and links at most, and as many folders. */
  readonly max_files: number | null;
  /**
   * A line of shell that runs on the box before a job's command; what it makes is kept while `setup_key` is the same, unless it
   * changes files of the project, or makes a pipe, a socket or more than 200 separate paths. Where the box's sandbox is `account` or
   * `none` it is not kept: the setup runs for each attempt.
   */
  readonly setup: string | null;
  /** Files on which what `setup` makes depends. Default: the usual ones of Python and Node. */
  readonly setup_key: readonly string[] | null;
  readonly jobs: ReadonlyMap<string, JobDefinition>;
  /** For a person, one line each: keys that have no effect. */
  readonly warnings: readonly string[];
}

/** What `[jobs.NAME]` says. */
export interface JobDefinition {
  /** A text runs through `sh -c`, a list as it is. */
  readonly command: string | readonly string[] | null;
  /** GPUs. Default 0. */
  readonly gpus: number | null;
  /** CPU cores. Default 1. */
  readonly cpus: number | null;
  /** Memory that is set aside for it. Default: none is set aside. */
  readonly mem_bytes: number | null;
  /** Wall time after which it is ended. Default: the box's. */
  readonly timeout_ms: number | null;
  /** How long it may write nothing. */
  readonly no_output_ms: number | null;
  /** How often it is started again after an end that `retry_on` names. Default 0. */
  readonly retries: number | null;
  /** After which ends of an attempt the job is started again. */
  readonly retry_on: readonly RetryCause[] | null;
  /** Variables of the job: `env = { SEED = "1" }`. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute paths of the box that the job cannot do without. */
  readonly mounts: readonly string[];
  /** Names of the submitter's secrets that the job gets as variables. */
  readonly secrets: readonly string[];
}

/**
 * Reads and checks a project's `ml.toml`. Unknown keys are warnings.
 * @throws FetchmlError bad-file, naming file, line and key; a reserved word as the name of a job is one
 */
export function readProjectFile(path: string): ProjectFile {
  const file = readTomlFile(path);
  const root: Placed = { file, keys: [], value: file.table };
  const project = member(root, "project") ?? { file, keys: ["project"], value: {} };
  const jobs = member(root, "jobs") ?? { file, keys: ["jobs"], value: {} };
  const warnings = [
    ...unknownKeys(root, ["project", "jobs"]),
    ...unknownKeys(project, PROJECT_KEYS),
  ];
  const definitions = new Map<string, JobDefinition>();
  for (const name of Object.keys(asTable(jobs))) {
    const keys = ["jobs", name];
    const problem = jobNameProblem(name);
    if (problem !== null) throw badValue({ file, keys }, `cannot be a job: its name ${problem}`);
    const table = { file, keys, value: asTable(jobs)[name] };
    definitions.set(name, readJob(table));
    warnings.push(...unknownKeys(table, JOB_KEYS));
  }
  return {
    path,
    name: optional(project, "name", asText),
    ignore: optional(project, "ignore", asLines) ?? [],
    max_size_bytes: optional(project, "max_size", asSize),
    max_file_size_bytes: optional(project, "max_file_size", asSize),
    max_files: optional(project, "max_files", (value) =>
      asWhole(value, { min: 1, max: 1_000_000 }),
    ),
    setup: optional(project, "setup", asText),
    setup_key: optional(project, "setup_key", asTexts),
    jobs: definitions,
    warnings,
  };
}

const PROJECT_KEYS = [
  "name",
  "ignore",
  "max_size",
  "max_file_size",
  "max_files",
  "setup",
  "setup_key",
] as const;

const JOB_KEYS = [
  "command",
  "gpus",
  "cpus",
  "mem",
  "timeout",
  "no_output",
  "retries",
  "retry_on",
  "env",
  "mounts",
  "secrets",
] as const;

function readJob(table: Placed): JobDefinition {
  return {
    command: optional(table, "command", asCommand),
    gpus: optional(table, "gpus", (value) => asWhole(value, { min: 0, max: 1024 })),
    cpus: optional(table, "cpus", (value) => asWhole(value, { min: 1, max: 65_536 })),
    mem_bytes: optional(table, "mem", asMemory),
    timeout_ms: optional(table, "timeout", asTimeout),
    no_output_ms: optional(table, "no_output", asTimeout),
    retries: optional(table, "retries", (value) => asWhole(value, { min: 0, max: 1000 })),
    retry_on: optional(table, "retry_on", asRetryCauses),
    env: optional(table, "env", asEnvironment) ?? {},
    mounts: optional(table, "mounts", asMounts) ?? [],
    secrets: optional(table, "secrets", asSecrets) ?? [],
  };
}

function optional<T>(table: Placed, key: string, read: (value: Placed) => T): T | null {
  const value = member(table, key);
  return value === null ? null : read(value);
}

function asLines(placed: Placed): readonly string[] {
  const lines = asTexts(placed);
  if (lines.some((line) => line.includes("\n"))) throw badValue(placed, "may hold no line break");
  return lines;
}

function asCommand(placed: Placed): string | readonly string[] {
  const { value } = placed;
  if (Array.isArray(value)) {
    // An argument may be empty; the program may not.
    const words = value.map((item) => (item === "" ? "" : asText({ ...placed, value: item })));
    if (words.length > 0 && words.length <= 4096 && words[0] !== "") return words;
  }
  if (typeof value === "string" && value.trim() !== "") return asText(placed);
  throw badValue(placed, 'must be a text, or a list of texts such as ["python3", "train.py"]');
}

function asMemory(placed: Placed): number {
  const bytes = typeof placed.value === "string" ? parseSize(placed.value) : null;
  // Below that, a unit was forgotten.
  if (bytes !== null && bytes >= 1024 ** 2) return bytes;
  throw badValue(placed, 'must be a size with a unit, at least 1M, such as "16G"');
}

function asSize(placed: Placed): number {
  const bytes = typeof placed.value === "string" ? parseSize(placed.value) : null;
  if (bytes !== null && bytes >= 1024) return bytes;
  throw badValue(placed, 'must be a size with a unit, at least 1K, such as "200M" or "1G"');
}

function asTimeout(placed: Placed): number {
  const ms = typeof placed.value === "string" ? parseDuration(placed.value) : null;
  if (ms !== null && ms >= 1000) return ms;
  throw badValue(placed, 'must be a length of time with a unit, at least 1s, such as "6h"');
}

function asRetryCauses(placed: Placed): readonly RetryCause[] {
  const words: readonly string[] = asTexts(placed);
  const causes = RETRY_CAUSES.filter((cause) => words.includes(cause));
  if (causes.length === new Set(words).size) return causes;
  throw badValue(placed, `must be a list of ${RETRY_CAUSES.join(", ")}`);
}

function asEnvironment(placed: Placed): Readonly<Record<string, string>> {
  const entries = Object.keys(asTable(placed)).map((name): [string, string] => {
    const keys = [...placed.keys, name];
    if (!ENV_NAME.test(name)) {
      const must = "is no name for a variable: letters, digits and '_', not a digit first";
      throw badValue({ ...placed, keys }, must);
    }
    const value = asTable(placed)[name];
    return [name, value === "" ? "" : asText({ ...placed, keys, value })];
  });
  return Object.fromEntries(entries);
}

function asMounts(placed: Placed): readonly string[] {
  const paths = asTexts(placed);
  if (paths.every((path) => path.startsWith("/"))) return paths;
  throw badValue(placed, 'must be a list of absolute paths, such as ["/data"]');
}

function asSecrets(placed: Placed): readonly string[] {
  const names = asTexts(placed);
  if (names.every((name) => ENV_NAME.test(name) && name.length <= 64)) return names;
  throw badValue(placed, 'must be a list of names of secrets, such as ["HF_TOKEN"]');
}
