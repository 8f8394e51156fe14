// Reads some names of an open folder. Bun 1.4.5 has no call for that: its `opendir` reads all of them first, as `readdir` does.
import { dlopen, ptr } from "bun:ffi";

/**
 * The next names of a folder as they are on the disk, without `.` and `..`; about a thousand, none after the last. `null` when the
 * system refuses: the folder was removed, or its disk fails. They are overwritten by the next call.
 *
 * @param descriptor of the folder, open for reading; where it has got to is kept in it
 * @throws Error where there is no such C library
 */
export function readDirents(descriptor: number): readonly Buffer[] | null {
  for (;;) {
    const length = Number(libc().syscall(GETDENTS64, descriptor, ptr(BUFFER), BUFFER.length));
    if (length < 0) return null;
    const names = namesIn(BUFFER.subarray(0, length));
    if (length === 0 || names.length > 0) return names;
  }
}

/** One for all: it is read out before anybody else has a turn. */
const BUFFER = Buffer.alloc(65_536);

/** The call's number (asm/unistd.h); by that, as the function of this name is missing in a C library before 2.30. */
const GETDENTS64 = process.arch === "arm64" ? 61 : 217;

/** Where `struct linux_dirent64` (getdents64(2)) has its length and its name. */
const LENGTH_AT = 16;
const NAME_AT = 19;

function namesIn(dirents: Buffer): Buffer[] {
  const names: Buffer[] = [];
  for (let at = 0; at < dirents.length;) {
    const length = dirents.readUInt16LE(at + LENGTH_AT);
    const name = dirents.subarray(at + NAME_AT, dirents.indexOf(0, at + NAME_AT));
    if (!isDots(name)) names.push(name);
    at += length;
  }
  return names;
}

function isDots(name: Buffer): boolean {
  return name[0] === DOT && (name.length === 1 || (name.length === 2 && name[1] === DOT));
}

const DOT = 0x2e;

let loaded: ReturnType<typeof load> | null = null;

function libc(): ReturnType<typeof load> {
  loaded ??= load();
  return loaded;
}

function load() {
  return dlopen("libc.so.6", {
    syscall: { args: ["i64", "i64", "ptr", "u64"], returns: "i64" },
  }).symbols;
}
