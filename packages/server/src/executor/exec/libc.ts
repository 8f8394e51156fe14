// The calls of the C library that Bun has none for: a bare pipe, the parent of a user namespace, time without suspension.
import { dlopen, ptr } from "bun:ffi";
import { FetchmlError } from "@fetchml/protocol";

/** The two ends of a pipe, closed on exec. */
export interface PipeEnds {
  readonly reading: number;
  readonly writing: number;
}

/**
 * Makes a pipe that nobody reads ahead of. Bun 1.4.5 reads the pipes of `Bun.spawn` into memory as fast as they are written:
 * over 1 GB within two seconds from a command like `yes`.
 *
 * @throws FetchmlError box-unfit where there are too many open files, with EMFILE as its cause: it may pass
 */
export function makePipe(): PipeEnds {
  const ends = new Int32Array(2);
  if (libc().pipe2(ptr(ends), O_CLOEXEC) !== 0) throw noPipe();
  return { reading: ends[0] ?? -1, writing: ends[1] ?? -1 };
}

/**
 * Opens the user namespace in which another one was made.
 *
 * @param namespace descriptor of the inner one.
 * @returns a new descriptor; whoever asked closes it.
 * @throws FetchmlError box-unfit where the system refuses
 */
export function openParentNamespace(namespace: number): number {
  const parent = libc().ioctl(namespace, NS_GET_PARENT);
  if (parent < 0) throw refused("look at a sandbox");
  return parent;
}

/**
 * Milliseconds since boot, without those in which the machine was suspended.
 *
 * @throws Error where there is no such C library
 */
export function awakeMs(): number {
  const time = new BigInt64Array(2);
  if (libc().clock_gettime(CLOCK_MONOTONIC, ptr(time)) !== 0) throw refused("tell its time");
  return Number(time[0]) * 1000 + Number(time[1]) / 1_000_000;
}

/** As in fcntl.h, linux/nsfs.h and time.h. */
const O_CLOEXEC = 0o2000000;
const NS_GET_PARENT = 0xb702;
const CLOCK_MONOTONIC = 1;

let loaded: ReturnType<typeof load> | null = null;

/** Loaded when it is first needed: most servers never are asked. */
function libc(): ReturnType<typeof load> {
  loaded ??= load();
  return loaded;
}

function load() {
  return dlopen("libc.so.6", {
    pipe2: { args: ["ptr", "i32"], returns: "i32" },
    ioctl: { args: ["i32", "u64"], returns: "i32" },
    clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
  }).symbols;
}

/** With these arguments `pipe2` fails for nothing else. */
function noPipe(): FetchmlError {
  const cause = Object.assign(new Error("pipe2: too many open files"), { code: "EMFILE" });
  return new FetchmlError("box-unfit", "The box has too many files open to make a pipe.", {
    cause,
  });
}

function refused(what: string): FetchmlError {
  return new FetchmlError("box-unfit", `The box cannot ${what} for this command: it refuses.`);
}
