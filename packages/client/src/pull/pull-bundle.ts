// Pulls small files that are not here yet, many in one answer.
import { requestBundle, type UnbundledFile } from "./bundle.ts";
import type { FilePull } from "./file-pull.ts";
import { endOfError, finishFile, itemOf } from "./finish-file.ts";
import type { FileEnd } from "./judge-file.ts";
import type { PlannedFile } from "./plan-pull.ts";
import { pullFile } from "./pull-file.ts";
import type { TellPlace } from "./pull-progress.ts";
import type { PulledItem } from "./pulled-item.ts";

/** A file, and what is told how far it is. */
export interface CountedFile {
  readonly file: PlannedFile;
  readonly tell: TellPlace;
}

/**
 * Pulls files of one tree. What the server does not give in this way is pulled alone.
 *
 * @throws FetchmlError as the server and the connection do; bad-file, disk-full when it cannot be written here
 */
export async function pullBundle(
  pull: FilePull,
  tree: string,
  files: readonly CountedFile[],
): Promise<PulledItem[]> {
  const waiting = [...files];
  const items: PulledItem[] = [];
  while (waiting.length > 0) {
    try {
      await pullSome(pull, tree, { waiting, items });
    } catch (error) {
      await pull.patience.wait(error);
    }
  }
  return items;
}

/** Takes off those that are waiting what has come, also when it then fails. */
async function pullSome(
  pull: FilePull,
  tree: string,
  { waiting, items }: { readonly waiting: CountedFile[]; readonly items: PulledItem[] },
): Promise<void> {
  const paths = waiting.map(({ file }) => file.path);
  for await (const content of requestBundle(pull.endpoint, tree, { paths, signal: pull.signal })) {
    const [next] = waiting;
    if (next === undefined) return;
    pull.patience.noteArrival();
    if (content === null) items.push(await pullFile(pull, next.file, next.tell));
    else {
      const sizeBytes = content.content.length;
      // Nothing of it was here before.
      next.tell({ doneBytes: 0, sizeBytes });
      next.tell({ doneBytes: sizeBytes, sizeBytes });
      items.push(itemOf(next.file, await put(pull, next.file, content)));
    }
    waiting.shift();
  }
}

async function put(pull: FilePull, file: PlannedFile, unbundled: UnbundledFile): Promise<FileEnd> {
  const { content, modifiedAt, sha256 } = unbundled;
  try {
    const part = pull.parts.begin(file.address, null);
    try {
      part.append(content);
      part.close();
    } catch (error) {
      part.giveUp();
      throw error;
    }
    const whole = { path: part.path, sizeBytes: content.length, sha256, modifiedAt };
    return await finishFile(pull, file, { part: whole, replaces: null });
  } catch (error) {
    return endOfError(error, pull.target.at(file.localPath));
  }
}
