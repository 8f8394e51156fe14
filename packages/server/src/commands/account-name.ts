// The name of the account that this process runs as.
import { readFileSync } from "node:fs";

/**
 * Its name in the list of accounts, by the number that the kernel knows: what the environment says could be anything, and
 * Bun's `userInfo()` believes it. Without an entry `uid 1000`.
 */
export function accountName(
  uid: number = process.geteuid?.() ?? 0,
  passwdPath: string = "/etc/passwd",
): string {
  const line = readLines(passwdPath).find((each) => each.split(":")[2] === String(uid));
  return line?.split(":")[0] || `uid ${uid}`;
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch {
    return [];
  }
}
