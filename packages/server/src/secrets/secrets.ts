// The secrets that users keep for their jobs: one encrypted file each, beside the key that opens them.
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { ENV_NAME, FetchmlError } from "@fetchml/protocol";
import { isMissing, syncFolder, writeDurably } from "./durable-file.ts";
import { keepValues, keptValues } from "./kept-values.ts";
import { open, seal } from "./seal.ts";
import { readKey, readyKey } from "./seal-key.ts";

/** A secret's value is at most so long in UTF-8, so that it fits a frame and a process's environment. */
export const SECRET_LIMIT_BYTES = 32 * 1024;

/** What a user may know of an own secret again: never its value. */
export interface SecretEntry {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly updatedAt: number;
}

/** The secrets below one folder. Holds nothing open between calls. */
export interface Secrets {
  /**
   * Keeps a value under a name, in the place of an earlier one; resolves when it is durable.
   * @throws FetchmlError invalid-params (a name that cannot be a variable's, a value that cannot be one's)
   */
  set(user: string, name: string, value: string): Promise<void>;

  /** A user's secrets by name. */
  list(user: string): Promise<readonly SecretEntry[]>;

  /** Forgets a secret; answers whether there was one. */
  remove(user: string, name: string): Promise<boolean>;

  /** Forgets all of a user. */
  removeAll(user: string): Promise<void>;

  /**
   * The values of these secrets by name.
   * @throws FetchmlError conflict when one is not there, or cannot be opened with this box's key
   */
  reveal(user: string, names: readonly string[]): Promise<ReadonlyMap<string, string>>;

  /**
   * Seals values into a file, so that they are known as long as the file is there, whatever becomes of the secrets they were.
   * Resolves when it is durable.
   *
   * @param context what they belong to, such as `attempt/12.2`; wanted again to open the file.
   */
  keep(path: string, context: string, values: readonly string[]): Promise<void>;

  /**
   * The values in such a file; none where there is no file.
   * @throws FetchmlError conflict when it cannot be opened with this box's key
   */
  kept(path: string, context: string): Promise<readonly string[]>;
}

/** Opens the secrets below a folder. The folder and its key are made when the first secret is set. */
export function openSecrets(root: string): Secrets {
  const folderOf = (user: string) => join(root, USERS, user);
  const pathOf = (user: string, name: string) => join(folderOf(user), name);
  return {
    async set(user, name, value) {
      refuseImpossible(name, value);
      await mkdir(folderOf(user), { recursive: true, mode: 0o700 });
      const key = await readyKey(root);
      await writeDurably(pathOf(user, name), seal(key, contextOf(user, name), Buffer.from(value)));
    },

    async list(user) {
      const names = await namesIn(folderOf(user));
      return Promise.all(
        names.toSorted().map(async (name) => ({
          name,
          updatedAt: Math.floor((await stat(pathOf(user, name))).mtimeMs),
        })),
      );
    },

    async remove(user, name) {
      if (!(await namesIn(folderOf(user))).includes(name)) return false;
      await rm(pathOf(user, name), { force: true });
      await syncFolder(folderOf(user));
      return true;
    },

    removeAll: (user) => rm(folderOf(user), { recursive: true, force: true }),

    async reveal(user, names) {
      if (names.length === 0) return new Map();
      const key = await readKey(root);
      const there = new Set(await namesIn(folderOf(user)));
      const revealed = names.map(async (name) => {
        if (key === null || !there.has(name)) throw notThere(name);
        const value = open(key, contextOf(user, name), await readFile(pathOf(user, name)));
        if (value === null) throw notOpened(name);
        return [name, value.toString()] as const;
      });
      return new Map(await Promise.all(revealed));
    },

    keep: async (path, context, values) =>
      keepValues(await readyKey(root), { path, context }, values),

    kept: (path, context) => keptValues(() => readKey(root), { path, context }),
  };
}

const USERS = "users";

function contextOf(user: string, name: string): string {
  return `${user}/${name}`;
}

/** The value is not told: it is a secret even where it is wrong. */
function refuseImpossible(name: string, value: string): void {
  if (!ENV_NAME.test(name) || name.length > 64) {
    throw new FetchmlError(
      "invalid-params",
      `A secret reaches the job as a variable, so its name has letters, digits and "_", up to 64, such as HF_TOKEN; not ${JSON.stringify(name)}.`,
    );
  }
  if (value === "" || value.includes("\0") || Buffer.byteLength(value) > SECRET_LIMIT_BYTES) {
    throw new FetchmlError(
      "invalid-params",
      `The value of ${name} cannot be kept: it is empty, holds a NUL, or is longer than ${SECRET_LIMIT_BYTES / 1024} KiB.`,
    );
  }
}

/** Without what a write that was killed has left: those names begin with a dot. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return names.filter((name) => ENV_NAME.test(name));
}

function notThere(name: string): FetchmlError {
  return new FetchmlError(
    "conflict",
    `You have no secret ${name}. Set it with "ml secret set ${name}"; "ml secret list" shows those you have.`,
  );
}

function notOpened(name: string): FetchmlError {
  return new FetchmlError(
    "conflict",
    `The secret ${name} was sealed with another key than this box has, as after a restore without secrets.\nSet it again with "ml secret set ${name}".`,
  );
}
