// Finds where something that is not there yet would come to lie.
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** The path itself when it exists, else the nearest folder above it that does. */
export function nearestFolder(path: string): string {
  const absolute = resolve(path);
  const above = dirname(absolute);
  return existsSync(absolute) || above === absolute ? absolute : nearestFolder(above);
}
