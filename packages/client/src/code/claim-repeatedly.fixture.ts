// Claims a folder again and again, and looks each time whether it is alone in it.
import { closeSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { claimTarget } from "./claimed-target.ts";

/** Tries so many times; answers how many of them it had the folder. @throws the system's error where another one was there too */
export function claimRepeatedly(folder: string, times: number): number {
  let claims = 0;
  for (let time = 0; time < times; time += 1) {
    const claimed = claimTarget(join(folder, "staging"));
    if (typeof claimed === "number") continue;
    claims += 1;
    closeSync(openSync(join(folder, "alone"), "wx"));
    closeSync(openSync(join(claimed.staging, "next"), "wx"));
    rmSync(join(folder, "alone"));
    claimed.close();
  }
  return claims;
}
