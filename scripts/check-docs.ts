// Checks that what the documents name exists: paths, links, npm scripts, verbs of `ml` and `fetchml`.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { formatComplaint } from "./complaint.ts";
import type { Complaint } from "./complaint.ts";
import { readDocument } from "./doc-rules/document.ts";
import { findUnknownCommands } from "./doc-rules/named-commands.ts";
import type { KnownCommands } from "./doc-rules/named-commands.ts";
import { findMissingPaths, placesOf } from "./doc-rules/named-paths.ts";
import type { Places } from "./doc-rules/named-paths.ts";
import { listProjectFiles, projectRoot } from "./project-files.ts";

/** Everything that one document names and that does not exist. Touches no disk. */
export function checkDocument(
  { path, markdown }: { readonly path: string; readonly markdown: string },
  places: Places,
  commands: KnownCommands,
): readonly Complaint[] {
  const document = readDocument(path, markdown);
  const unclosed = {
    path,
    rule: "planned-section",
    problem: "has a <!-- planned --> that is never closed",
    remedy: "Close it with <!-- /planned -->",
  };
  return [
    ...(document.endsPlanned ? [unclosed] : []),
    ...findMissingPaths(document, places),
    ...findUnknownCommands(document, commands),
  ];
}

/** Where the verbs of each program stand as data, and under which name they are exported. */
const tables = {
  ml: { path: "packages/cli/src/command-table.ts", exported: "commands" },
  fetchml: { path: "packages/server/src/commands/command-table.ts", exported: "adminCommands" },
} as const;

async function readCommands(): Promise<KnownCommands> {
  const manifest: unknown = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8"));
  const scripts = isRecord(manifest) && isRecord(manifest["scripts"]) ? manifest["scripts"] : {};
  const [ml, fetchml] = await Promise.all([readTable(tables.ml), readTable(tables.fetchml)]);
  return { npm: Object.keys(scripts), ml, fetchml };
}

async function readTable(table: (typeof tables)["ml" | "fetchml"]): Promise<readonly string[]> {
  const file = join(projectRoot, table.path);
  if (!existsSync(file)) {
    throw new Error(`${table.path} is missing, so no verb in a document can be checked`);
  }
  const loaded: unknown = await import(file);
  const rows: unknown = isRecord(loaded) ? loaded[table.exported] : undefined;
  const names = Array.isArray(rows)
    ? rows.map((row: unknown) => (isRecord(row) ? row["name"] : undefined))
    : [];
  if (names.length === 0 || !names.every((name) => typeof name === "string")) {
    throw new Error(`${table.path} exports no "${table.exported}", an array of { name: string }`);
  }
  return names;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

async function main(): Promise<void> {
  const files = listProjectFiles();
  const [places, commands] = [placesOf(files), await readCommands()];
  const complaints = files
    .filter((path) => path.endsWith(".md"))
    .map((path) => ({ path, markdown: readFileSync(join(projectRoot, path), "utf8") }))
    .flatMap((document) => checkDocument(document, places, commands));
  for (const complaint of complaints) process.stdout.write(`${formatComplaint(complaint)}\n`);
  process.exitCode = complaints.length > 0 ? 1 : 0;
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
