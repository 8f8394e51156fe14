// Decides by what is here already what becomes of a file that is to be pulled.
import type { Stats } from "node:fs";
import { compareLocal, type LocalState } from "./compare-local.ts";
import type { FilePull } from "./file-pull.ts";
import type { PlannedFile } from "./plan-pull.ts";
import type { PullOutcome } from "./pulled-item.ts";
import { isGone, requestHash } from "./remote-file.ts";

/** What is to be done with a file, or what has become of it. */
export type Verdict =
  | {
      readonly kind: "fetch";
      /** What is here and may be replaced; `null` when nothing is here. */
      readonly replaces: Stats | null;
    }
  | FileEnd;

/** What has become of a file. */
export interface FileEnd {
  readonly kind: PullOutcome;
  /** Of what is here now. */
  readonly sizeBytes?: number;
  /** The rest of a sentence that begins with its name. */
  readonly why?: string;
}

/**
 * Decides. What differs stays as it is, unless it is the beginning of what the job has by now, or may be replaced. The server is
 * asked only where sizes and times leave it open, or all is to be verified.
 *
 * @throws FetchmlError as the server and the connection do; the system's error
 */
export async function judgeFile(pull: FilePull, file: PlannedFile): Promise<Verdict> {
  const verdict = await judgeContent(pull, file);
  if (verdict.kind !== "fetch" && verdict.kind !== "differs") return verdict;
  const why = pull.target.obstacleTo(file.localPath);
  return why === null ? verdict : { kind: "blocked", why };
}

async function judgeContent(pull: FilePull, file: PlannedFile): Promise<Verdict> {
  const remote = pull.verify ? { ...file, modifiedAt: null } : file;
  const local = await compareLocal(pull.target, file.localPath, remote);
  switch (local.kind) {
    case "absent":
      return { kind: "fetch", replaces: null };
    case "equal":
      return { kind: "equal", sizeBytes: file.sizeBytes ?? 0 };
    case "other":
      return pull.force ? { kind: "fetch", replaces: local.stats } : DIFFERS;
    case "start":
      return judgeStart(pull, file, local);
  }
}

const DIFFERS: FileEnd = { kind: "differs", why: "differs from what is here" };

async function judgeStart(
  { endpoint, signal, patience, force }: FilePull,
  { address }: PlannedFile,
  local: Extract<LocalState, { kind: "start" }>,
): Promise<Verdict> {
  const { sizeBytes, stats } = local;
  for (;;) {
    try {
      const remote = await requestHash(endpoint, address, { sizeBytes, signal });
      patience.noteArrival();
      const isSame = remote.sha256 === local.sha256;
      if (isSame && remote.size_bytes === sizeBytes) return { kind: "equal", sizeBytes };
      return isSame || force ? { kind: "fetch", replaces: stats } : DIFFERS;
    } catch (error) {
      if (isGone(error)) return { kind: "gone" };
      await patience.wait(error);
    }
  }
}
