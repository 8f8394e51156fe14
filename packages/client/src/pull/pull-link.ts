// Makes one link of a job's outputs here.
import { readlinkSync } from "node:fs";
import { localError, nameTrouble } from "./local-error.ts";
import type { PartsFolder } from "./parts-folder.ts";
import { placeLink } from "./place-file.ts";
import type { PlannedLink } from "./plan-pull.ts";
import type { PulledItem, PullOutcome } from "./pulled-item.ts";
import { hasCode } from "./system-error.ts";
import type { TargetFolder } from "./target-folder.ts";

/** Makes the link, unless something else is here that may not be replaced. @throws FetchmlError bad-file, disk-full */
export function pullLink(
  {
    target,
    parts,
    force,
  }: { readonly target: TargetFolder; readonly parts: PartsFolder; readonly force: boolean },
  link: PlannedLink,
): PulledItem {
  const { localPath } = link;
  try {
    const there = target.look(localPath);
    const isLink = there?.isSymbolicLink() === true;
    if (isLink && readlinkSync(target.at(localPath)) === link.target) {
      return itemOf(link, "equal", null);
    }
    const blocked = target.obstacleTo(localPath);
    if (blocked !== null) return itemOf(link, "blocked", blocked);
    if (there !== null && !force) return itemOf(link, "differs", "differs from what is here");
    const placing = { target, localPath, replaces: there };
    const obstacle = parts.make((spare) => placeLink(link.target, spare, placing));
    return itemOf(link, obstacle === null ? "pulled" : "differs", obstacle);
  } catch (error) {
    const mayNot = process.platform === "win32" && hasCode(error, "EPERM");
    const why = mayNot ? "is a link, which this account may not make" : nameTrouble(error);
    if (why === null) throw localError(error, target.at(localPath));
    return itemOf(link, "left-out", why);
  }
}

function itemOf(link: PlannedLink, outcome: PullOutcome, why: string | null): PulledItem {
  return {
    kind: "symlink",
    attempt: link.attempt,
    path: link.path,
    local_path: link.localPath,
    size_bytes: null,
    outcome,
    why,
  };
}
