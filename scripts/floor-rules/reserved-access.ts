// Finds files that touch an outside thing which the table of floors gives to others.

import { isTestFile, reservedAccesses } from "../floors.ts";
import type { ReservedAccess } from "../floors.ts";
import type { Complaint } from "../complaint.ts";
import type { SourceFile } from "./source-file.ts";

/** Every use, in one file, of a module or global that is reserved for other files. */
export function findReservedAccess(file: SourceFile): readonly Complaint[] {
  return reservedAccesses
    .filter((access) => binds(access, file.path))
    .flatMap((access) => usesOf(access, file).map((use) => complaint(access, file.path, use)));
}

function binds({ within, allowed, testsMay }: ReservedAccess, path: string): boolean {
  if (!within.some((folder) => path.startsWith(folder))) return false;
  if (testsMay && isTestFile(path)) return false;
  return !allowed.some((place) => (place.endsWith("/") ? path.startsWith(place) : path === place));
}

function usesOf(access: ReservedAccess, file: SourceFile): readonly string[] {
  const { modules, globals, harmless = [] } = access;
  const specifiers = file.imports
    .map(({ specifier }) => specifier)
    .filter((name) => !harmless.includes(name));
  return [
    ...specifiers.filter((name) => modules.some((pattern) => isMatch(pattern, name))),
    ...[...file.globals].filter((name) => globals.some((pattern) => isMatch(pattern, name))),
  ];
}

function isMatch(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function complaint({ thing, allowed }: ReservedAccess, path: string, use: string): Complaint {
  const owners = allowed.length === 0 ? "nobody here" : `only ${allowed.join(", ")}`;
  return {
    path,
    rule: "reserved-access",
    problem: `uses ${use}: ${owners} may touch ${thing}`,
    remedy: "Have the value or the function handed in",
  };
}
