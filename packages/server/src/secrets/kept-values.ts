// Values of secrets that were handed out, sealed beside what they were handed to: its log is shown without them later too.
import { readFile } from "node:fs/promises";
import { FetchmlError } from "@fetchml/protocol";
import { isMissing, writeDurably } from "./durable-file.ts";
import { open, seal } from "./seal.ts";

/** Where values are kept, and what they belong to. */
export interface KeptPlace {
  readonly path: string;
  /** Such as `attempt/12.2`. */
  readonly context: string;
}

/** Seals the values into the file; resolves when that is durable. */
export function keepValues(
  key: Uint8Array,
  { path, context }: KeptPlace,
  values: readonly string[],
): Promise<void> {
  return writeDurably(path, seal(key, context, Buffer.from(JSON.stringify(values))));
}

/**
 * The values in the file; none where there is no file.
 *
 * @throws FetchmlError conflict when the key is not the one they were sealed with, or the file is damaged: whoever shows the log
 *   then would show the values
 */
export async function keptValues(
  readKey: () => Promise<Uint8Array | null>,
  { path, context }: KeptPlace,
): Promise<readonly string[]> {
  const sealed = await readFile(path).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (sealed === null) return [];
  const key = await readKey();
  const text = key === null ? null : open(key, context, sealed);
  if (text === null) throw notOpened();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- sealed by keepValues()
  return JSON.parse(text.toString()) as string[];
}

function notOpened(): FetchmlError {
  return new FetchmlError(
    "conflict",
    "This log is not shown: its job had secrets, and without the box's key of then they could not be masked in it.\nThe box's admin can put that key back as secrets/key in the data folder.",
  );
}
