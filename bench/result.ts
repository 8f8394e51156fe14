// The results on disk: one JSON file a row.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import * as z from "zod/mini";

const Figure = z.object({
  who: z.string(),
  what: z.string(),
  unit: z.enum(["ms", "µs", "/s", "B", "MB", "MB/s", "s", ""]),
  goal: z.optional(
    z.object({
      atMost: z.optional(z.number()),
      atLeast: z.optional(z.number()),
      timesOf: z.optional(z.string()),
    }),
  ),
  beside: z.optional(z.readonly(z.array(z.string()))),
  note: z.optional(z.string()),
  runs: z.array(z.number()),
});

const Result = z.object({
  row: z.string(),
  title: z.string(),
  /** When the run began that this row was measured in, ISO 8601: rows of one run have the same. */
  run: z.string(),
  /** When the row began, ISO 8601. */
  date: z.string(),
  /** How long it took. */
  seconds: z.number(),
  /** A quick run shows that the bench works, not how fast anything is. */
  quick: z.boolean(),
  machine: z.object({
    cpu: z.string(),
    cores: z.number(),
    memory_gb: z.number(),
    kernel: z.string(),
    system: z.string(),
    bun: z.string(),
    fetchml: z.string(),
    busy_cpus: z.number(),
  }),
  figures: z.array(Figure),
  missing: z.array(z.object({ who: z.string(), reason: z.string() })),
  curves: z.array(
    z.object({
      plot: z.string(),
      title: z.string(),
      xLabel: z.string(),
      yLabel: z.string(),
      series: z.string(),
      points: z.array(
        z.object({ x: z.number(), y: z.number(), lowest: z.number(), highest: z.number() }),
      ),
    }),
  ),
});

/** What one run of one row has given. */
export type Result = z.infer<typeof Result>;

/** Where results lie unless told otherwise. */
export const RESULTS = join(import.meta.dir, "results");

/** Writes a result in place of the row's last one. */
export async function writeResult(result: Result, folder: string = RESULTS): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${result.row}.json`);
  const config = await resolveConfig(file);
  const text = await format(JSON.stringify(Result.parse(result)), { ...config, parser: "json" });
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
  return file;
}

/** The last result of every row that has one. @throws Error when a file is not well formed */
export function readResults(folder: string = RESULTS): ReadonlyMap<string, Result> {
  if (!existsSync(folder)) return new Map();
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return new Map(
    files.map((name) => {
      const value: unknown = JSON.parse(readFileSync(join(folder, name), "utf8"));
      const result = Result.parse(value);
      return [result.row, result];
    }),
  );
}
