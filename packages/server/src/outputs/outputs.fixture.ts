// A folder of outputs for tests, with something outside that must not be reached.
import {
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { OutputEntry } from "@fetchml/protocol";
import { findOutputFolder, type OutputFolder } from "./output-folder.ts";
import { openOutput } from "./output-file.ts";
import { mostLooks, walkOutputs } from "./walk-outputs.ts";

/** Gone when it is disposed of. */
export interface OutputsUnderTest extends Disposable {
  /** Absolute path of the outputs. */
  readonly path: string;
  /** Absolute path of a folder beside them, which holds a file `secret` and another one in `inner`. */
  readonly outside: string;
  readonly folder: OutputFolder;
  /** Writes a file with the folders above it. */
  write(path: string, content?: string | Uint8Array, mode?: number): void;
  /** Everything that is listed, of so many names at the most. */
  list(mostNames?: number): Promise<OutputEntry[]>;
  /** The text of a file as it would be given out, or why not. */
  read(path: string): Promise<string>;
}

/** Makes an empty one. */
export function makeOutputs(): OutputsUnderTest {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "fetchml-outputs-")));
  const path = join(root, "outputs");
  const outside = join(root, "outside");
  for (const one of [path, outside]) mkdirSync(one);
  mkdirSync(join(outside, "inner"));
  for (const name of ["secret", "inner/secret"]) writeFileSync(join(outside, name), SECRET);
  const folder = findOutputFolder(path);
  if (folder === null) throw new Error("the folder is not found");
  return {
    path,
    outside,
    folder,
    write(name, content = name, mode = 0o644) {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      chmodSync(file, mode);
    },
    async list(names = mostLooks().names) {
      const entries: OutputEntry[] = [];
      for await (const some of walkOutputs(folder, { ...mostLooks(), names }))
        entries.push(...some);
      return entries;
    },
    async read(name) {
      const file = await openOutput(folder, name, Date.now());
      if (typeof file === "string") return file;
      try {
        return await file.handle.readFile("utf8");
      } finally {
        await file.close();
      }
    },
    [Symbol.dispose]() {
      // Node's own removal gives up at a path that is too long.
      Bun.spawnSync(["rm", "-rf", root]);
    },
  };
}

/** What stands in the file that must not be reached. */
export const SECRET = "not yours\n";

/** How many descriptors of this process lead to that path or below it. */
export function openBelow(path: string): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(path);
    } catch {
      return false;
    }
  }).length;
}

/**
 * Lets another process put a link to what is outside in the place of a folder, and the folder back, as fast as it can. A file
 * `secret` is there by either way.
 */
export function swapForLink(
  { path, outside }: OutputsUnderTest,
  folder: string,
): { stop(): Promise<void> } {
  const [real, aside, link] = [folder, "aside", "link"].map((name) => join(path, name));
  symlinkSync(outside, link ?? "");
  const script = `
    const { renameSync } = require("node:fs");
    const [real, aside, link] = process.argv.slice(1);
    for (;;) {
      renameSync(real, aside);
      renameSync(link, real);
      renameSync(real, link);
      renameSync(aside, real);
    }`;
  const child = Bun.spawn([process.execPath, "-e", script, real ?? "", aside ?? "", link ?? ""]);
  return {
    async stop() {
      child.kill();
      await child.exited;
    },
  };
}

/** Makes folders one inside the other, each with a name of 200 bytes, and a file at the bottom. */
export function nest(path: string, depth: number): void {
  const name = "d".repeat(200);
  const open = (folder: string) => openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  let descriptor = open(path);
  for (let i = 0; i < depth; i++) {
    const inner = `/proc/self/fd/${descriptor}/${name}`;
    mkdirSync(inner);
    const next = open(inner);
    closeSync(descriptor);
    descriptor = next;
  }
  writeFileSync(`/proc/self/fd/${descriptor}/bottom`, "");
  closeSync(descriptor);
}
