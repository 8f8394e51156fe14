// Reads a TOML file and checks its values; every complaint names file, line and key.
import { readFileSync, statSync } from "node:fs";
import { FetchmlError } from "@fetchml/protocol";
import { parse, TomlError } from "smol-toml";
import { decodeText } from "../config/decode-text.ts";
import { lineOfKey } from "./toml-lines.ts";

/** A TOML file that was read. */
export interface TomlFile {
  readonly path: string;
  readonly text: string;
  readonly table: Table;
}

/** A table of TOML; what stands in it has yet to be checked. */
export type Table = Readonly<Record<string, unknown>>;

/** A value, and the keys that lead to it. */
export interface Placed {
  readonly file: TomlFile;
  readonly keys: readonly string[];
  readonly value: unknown;
}

/**
 * Reads a file of at most 1 MiB.
 * @throws FetchmlError bad-file when it is missing, no ordinary file, too large, not UTF-8 or not TOML
 */
export function readTomlFile(path: string): TomlFile {
  const text = readText(path);
  try {
    return { path, text, table: parse(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [firstLine = ""] = error.message.split("\n");
    const why = firstLine.replace("Invalid TOML document: ", "");
    throw new FetchmlError(
      "bad-file",
      `Cannot read ${path}: line ${error.line}, column ${error.column} is not valid TOML: ${why}.\nCorrect it and run the command again.`,
      // Without the cause: it shows the lines around, and one may hold a secret.
      { details: { file: path, line: error.line, column: error.column } },
    );
  }
}

/** The error for a value that will not do. `must` ends a sentence that begins with the key: `must be a string`. */
export function badValue({ file, keys }: Omit<Placed, "value">, must: string): FetchmlError {
  const line = lineOfKey(file.text, keys);
  const key = shownKey(keys);
  return new FetchmlError(
    "bad-file",
    `Cannot use ${file.path}${line === null ? "" : `, line ${line}`}: ${key} ${must}.\nCorrect it and run the command again.`,
    { details: { file: file.path, key, ...(line === null ? {} : { line }) } },
  );
}

/** One warning for each key of a table that is not known; such keys have no effect. */
export function unknownKeys(table: Placed, known: readonly string[]): readonly string[] {
  const warnings: string[] = [];
  for (const key of Object.keys(asTable(table))) {
    if (known.includes(key)) continue;
    const keys = [...table.keys, key];
    const line = lineOfKey(table.file.text, keys);
    const where = `${table.file.path}${line === null ? "" : `, line ${line}`}`;
    warnings.push(`${where}: ${shownKey(keys)} is not known and has no effect.`);
  }
  return warnings;
}

/** What a table holds under a key; `null` when nothing. */
export function member(table: Placed, key: string): Placed | null {
  const content = asTable(table);
  if (!Object.hasOwn(content, key)) return null;
  return { file: table.file, keys: [...table.keys, key], value: content[key] };
}

/** @throws FetchmlError bad-file when it is not a table */
export function asTable(placed: Placed): Table {
  const { value } = placed;
  if (isTable(value)) return value;
  throw badValue(placed, "must be a table");
}

/** @throws FetchmlError bad-file when it is not a text of at least one character, or holds a NUL */
export function asText(placed: Placed): string {
  const { value } = placed;
  if (typeof value !== "string" || value === "") throw badValue(placed, "must be a text in quotes");
  // A NUL ends a text for the kernel: what follows it would be dropped in silence.
  if (value.includes("\0")) throw badValue(placed, "may hold no NUL character");
  return value;
}

/** @throws FetchmlError bad-file when it is not a list of texts */
export function asTexts(placed: Placed): readonly string[] {
  const { value } = placed;
  if (!Array.isArray(value)) throw badValue(placed, 'must be a list of texts, such as ["a", "b"]');
  return value.map((item) => asText({ ...placed, value: item }));
}

/** @throws FetchmlError bad-file when it is not a whole number within the bounds */
export function asWhole(
  placed: Placed,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const { value } = placed;
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) {
    return value;
  }
  throw badValue(placed, `must be a whole number from ${min} to ${max}`);
}

const MAX_BYTES = 1 << 20;

function readText(path: string): string {
  const refuse = (why: string, cause?: unknown) =>
    new FetchmlError("bad-file", `Cannot read ${path}: ${why}.`, {
      details: { file: path },
      cause,
    });
  let bytes: Uint8Array;
  try {
    const stat = statSync(path);
    // A pipe would be waited for without end.
    if (!stat.isFile()) throw refuse("it is not a file");
    if (stat.size > MAX_BYTES) throw refuse("it is larger than 1 MiB");
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof FetchmlError) throw error;
    throw refuse(error instanceof Error && "code" in error ? String(error.code) : "unknown", error);
  }
  const decoded = decodeText(bytes);
  if (!decoded.ok) throw refuse(`it ${decoded.problem}`);
  return decoded.text;
}

function isTable(value: unknown): value is Table {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}

function shownKey(keys: readonly string[]): string {
  return keys.map((key) => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key))).join(".");
}
