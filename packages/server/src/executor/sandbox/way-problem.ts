// Looks whether the accounts of jobs can reach their folders in the data folder of a server that is root.
import { statSync } from "node:fs";
import { dirname } from "node:path";

/** Why other accounts cannot pass through to a folder, and what mends it, in two lines; `null` when they can. */
export function wayProblem(dataDir: string): string | null {
  for (let above = dirname(dataDir); ; above = dirname(above)) {
    if ((statSync(above).mode & 0o001) === 0) {
      return `The accounts of jobs cannot pass through ${above} to the data folder ${dataDir}.\nType: chmod o+x ${above} - or use --data-dir /var/lib/fetchml`;
    }
    if (above === dirname(above)) return null;
  }
}
