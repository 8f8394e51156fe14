// Prints the floors as the Markdown that ARCHITECTURE.md shows between its markers, and reads that part back.

import { format, resolveConfig } from "prettier";
import { outbuildings, packages, reservedAccesses, rooms } from "../floors.ts";

// The lines around the tables in ARCHITECTURE.md.
const openingMarker = "<!-- floors -->";
const closingMarker = "<!-- /floors -->";

/** The tables of packages, rooms and reserved things, laid out as `npm run format` lays them out. */
export async function floorTables(): Promise<string> {
  const tables = [zoneTable(), roomTable(), reservedTable()];
  const options = (await resolveConfig(import.meta.path)) ?? {};
  const text = await format(tables.join("\n\n"), { ...options, parser: "markdown" });
  return text.trim();
}

/**
 * The part of a document that stands between the markers, without surrounding blank lines.
 *
 * @throws Error when a marker is missing or they stand in the wrong order.
 */
export function partBetweenMarkers(document: string): string {
  const start = document.indexOf(openingMarker);
  const end = document.indexOf(closingMarker);
  if (start < 0 || end < start) {
    throw new Error(`It has no "${openingMarker}" followed by "${closingMarker}"`);
  }
  return document.slice(start + openingMarker.length, end).trim();
}

function zoneTable(): string {
  const rows = [...packages, ...outbuildings].map((zone) => {
    const folder = packages.includes(zone) ? `packages/${zone.name}` : zone.name;
    return [`\`${folder}\``, zone.role, list(zone.imports)];
  });
  return table(["package or folder", "is", "may import"], rows);
}

function roomTable(): string {
  const rows = rooms
    .toReversed()
    .map(({ name, floor, imports, touches }) => [
      `\`${name}\``,
      String(floor),
      imports.length === rooms.length - 1 ? "every room" : list(imports),
      touches,
    ]);
  return table(
    ["room in `packages/server/src`", "floor", "may import (besides `protocol`)", "may touch"],
    rows,
  );
}

function reservedTable(): string {
  const rows = reservedAccesses.map(({ thing, within, allowed, testsMay }) => [
    thing,
    paths(within),
    allowed.length === 0 ? "nobody" : paths(allowed),
    testsMay ? "may" : "may not",
  ]);
  return table(["what", "in", "is touched only by", "tests"], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map(() => "---");
  return [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "nothing" : names.join(", ");
}

function paths(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
