// Tells a HOME that was made anew from the one before, so that setups that leaned on what was in that one run again.
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Notes that the HOME of a user's jobs is about to be made, before it is: whatever dies in between, no setup of an earlier one
 * is used in it. Where the user has no setups there is nothing to note.
 */
export function noteNewHome(dataDir: string, user: string): void {
  if (!existsSync(join(dataDir, "setups", user))) return;
  const path = markPath(dataDir, user);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, randomUUID(), { mode: 0o600 });
}

/** What stands for the HOME of now; `null` for the first one. */
export function homeMark(dataDir: string, user: string): string | null {
  const path = markPath(dataDir, user);
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

/** Beside the HOME, where no job comes. No name of a user begins with a dot. */
function markPath(dataDir: string, user: string): string {
  return join(dataDir, "homes", `.${user}`);
}
