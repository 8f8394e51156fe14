// Checks that the code keeps to the floors: `bun scripts/check-floors.ts`; `--table` prints them for ARCHITECTURE.md.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findBadArrows } from "./floor-rules/import-arrows.ts";
import { findCycles } from "./floor-rules/import-cycles.ts";
import { findReservedAccess } from "./floor-rules/reserved-access.ts";
import { findShapeFaults } from "./floor-rules/file-shape.ts";
import { floorTables } from "./floor-rules/floor-tables.ts";
import { formatComplaint } from "./complaint.ts";
import { listProjectFiles, projectRoot } from "./project-files.ts";
import { readSourceFile } from "./floor-rules/source-file.ts";
import type { Complaint } from "./complaint.ts";

/** Everything that is wrong with a tree, given as file texts by path relative to its root. Touches no disk. */
export function checkFloors(tree: Readonly<Record<string, string>>): readonly Complaint[] {
  const files = Object.entries(tree).map(([path, text]) => readSourceFile(path, text));
  return [
    ...files.flatMap((file) => [
      ...findShapeFaults(file),
      ...findBadArrows(file),
      ...findReservedAccess(file),
    ]),
    ...findCycles(files),
  ];
}

function readTree(): Record<string, string> {
  const paths = listProjectFiles().filter((path) => /\.(?:tsx?|sh|sql)$/.test(path));
  return Object.fromEntries(
    paths.map((path) => [path, readFileSync(join(projectRoot, path), "utf8")]),
  );
}

async function main(): Promise<void> {
  if (process.argv.includes("--table")) {
    process.stdout.write(`${await floorTables()}\n`);
    return;
  }
  const complaints = checkFloors(readTree());
  for (const complaint of complaints) process.stdout.write(`${formatComplaint(complaint)}\n`);
  process.exitCode = complaints.length > 0 ? 1 : 0;
}

if (import.meta.main) await main();
