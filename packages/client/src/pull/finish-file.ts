// The last step of a file that has come whole: into its place, and into words.
import { rmSync, type Stats } from "node:fs";
import { hashLocal } from "./compare-local.ts";
import type { FilePull } from "./file-pull.ts";
import type { FileEnd } from "./judge-file.ts";
import { localError, nameTrouble } from "./local-error.ts";
import type { WholePart } from "./partial-file.ts";
import { placeFile } from "./place-file.ts";
import type { PlannedFile } from "./plan-pull.ts";
import type { PulledItem } from "./pulled-item.ts";

/**
 * Puts a part in its place, and takes it away where that cannot be.
 *
 * @param replaces what is there and may be replaced; `null` when there is to be nothing
 * @throws the system's error
 */
export async function finishFile(
  { target }: Pick<FilePull, "target">,
  file: PlannedFile,
  { part, replaces }: { readonly part: WholePart; readonly replaces: Stats | null },
): Promise<FileEnd> {
  const { localPath } = file;
  const { sizeBytes, sha256 } = part;
  const obstacle = placeFile(
    part.path,
    { ...part, executable: file.executable },
    { target, localPath, replaces },
  );
  if (obstacle === null) return { kind: "pulled", sizeBytes };
  rmSync(part.path, { force: true });
  // Another pull into the same folder was first.
  const there = target.isStraight(localPath) ? await hashLocal(target.at(localPath)) : null;
  if (there?.sha256 === sha256) return { kind: "equal", sizeBytes };
  return { kind: target.obstacleTo(localPath) === null ? "differs" : "blocked", why: obstacle };
}

/** What has become of a file, for whoever asked for the pull. */
export function itemOf(file: PlannedFile, end: FileEnd): PulledItem {
  return {
    kind: "file",
    attempt: file.attempt,
    path: file.path,
    local_path: file.localPath,
    size_bytes: end.sizeBytes ?? null,
    outcome: end.kind,
    why: end.why ?? null,
  };
}

/** What becomes of a file whose name this disk does not take. @throws what was thrown, in words, when it is about more than that */
export function endOfError(error: unknown, path: string): FileEnd {
  const why = nameTrouble(error);
  if (why === null) throw localError(error, path);
  return { kind: "left-out", why };
}
