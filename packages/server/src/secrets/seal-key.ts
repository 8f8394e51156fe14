// The box's own key, with which secrets are sealed: a file beside them, made when it is first needed.
import { link, mkdir, readFile, rm } from "node:fs/promises";
import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { isMissing, syncFolder, writeNew } from "./durable-file.ts";
import { SEAL_KEY_BYTES } from "./seal.ts";

const KEY = "key";

/** The key; `null` where none was made yet. @throws Error for a file that is no key */
export async function readKey(root: string): Promise<Buffer | null> {
  const key = await readFile(join(root, KEY)).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (key !== null && key.length !== SEAL_KEY_BYTES) {
    throw new Error(`the key of the secrets has ${key.length} bytes and not ${SEAL_KEY_BYTES}`);
  }
  return key;
}

/** The key, which is made where there is none. */
export async function readyKey(root: string): Promise<Buffer> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  return (await readKey(root)) ?? makeKey(root);
}

/** Makes the key, unless another call has made it meanwhile: a second one would close what the first has sealed. */
async function makeKey(root: string): Promise<Buffer> {
  const path = join(root, KEY);
  const temporary = `${path}.${randomUUID()}`;
  await writeNew(temporary, randomBytes(SEAL_KEY_BYTES));
  try {
    await link(temporary, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(root);
  const key = await readKey(root);
  if (key === null) throw new Error("the key of the secrets was made and is gone");
  return key;
}
