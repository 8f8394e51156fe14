// The way into a running sandbox of bubblewrap: the namespaces of its first process, and who one is there.
import { closeSync, fstatSync, openSync, statSync } from "node:fs";
import { FetchmlError } from "@fetchml/protocol";
import { readInit } from "../local/attempt-records.ts";
import { isAlive } from "../local/process-identity.ts";
import { findProgram } from "../sandbox/find-program.ts";
import { openParentNamespace } from "./libc.ts";

/** A way in. */
export interface SandboxEntry {
  /** The arguments before the shell that goes in. */
  readonly arguments: readonly string[];
  /** Descriptor that they read as 6: the outer one of two user namespaces; `null` where there is one. */
  readonly outer: number | null;
  /** Closes it here. Safe twice. */
  close(): void;
}

/**
 * Opens the way into an attempt's sandbox. The account is dropped to first, so that no process of root's is ever in there. `bwrap
 * --disable-userns` makes two user namespaces, one in the other: the mounts belong to the outer one, in which no process lives, and
 * jobs live in the inner one. So one enters the outer one with all else, lets go of what leads out, and then the inner one, which
 * is that of PID 1 in there. What stands between the two cannot be looked into from the inner one.
 *
 * A shell that stays outside the PID namespace is the parent of what goes in. `nsenter` would be, but it stops itself when its child
 * is stopped, and then nobody would reap that: the namespace, and so the attempt, would never end.
 *
 * @param uid account of the job; `null`: that of the server.
 * @throws FetchmlError conflict when the sandbox is gone; box-unfit when a program is missing
 */
export function openSandboxEntry(
  control: string,
  { uid, path }: { readonly uid: number | null; readonly path: string },
): SandboxEntry {
  const nsenter = findProgram("nsenter", path);
  const setpriv = findProgram("setpriv", path);
  const init = readInit(control);
  if (init === null) throw gone();
  const of = (name: string) => `/proc/${init.pid}/ns/${name}`;
  // One that is ours too cannot be entered, and need not be.
  const others = NAMESPACES.filter(
    ([, name]) => inode(of(name)) !== inode(`/proc/self/ns/${name}`),
  );
  const outer = outerNamespace(init.pid);
  // Looked at after it was opened: it was the same process all along.
  if (!isAlive(init)) {
    if (outer !== null) closeSync(outer);
    throw gone();
  }
  const account = uid === null ? [] : ["--reuid", `${uid}`, "--regid", `${uid}`, "--clear-groups"];
  const inner = [nsenter, "--user=/proc/1/ns/user", "--preserve-credentials", "--"];
  let isOpen = outer !== null;
  return {
    outer,
    arguments: [
      setpriv,
      ...account,
      "--no-new-privs",
      nsenter,
      "--preserve-credentials",
      `--user=${outer === null ? of("user") : "/proc/self/fd/6"}`,
      ...others.map(([option, name]) => `--${option}=${of(name)}`),
      "--no-fork",
      "--",
      "/bin/sh",
      "-c",
      PARENT,
      "sh",
      ...(outer === null ? [] : inner),
    ],
    close() {
      if (isOpen && outer !== null) closeSync(outer);
      isOpen = false;
    },
  };
}

/** Waits for its command, stopped or not, and gives its exit code. A shell tells of a command that a signal has ended. */
const PARENT =
  'exec 6<&- 9>&2 2>/dev/null; trap : INT TERM; (trap - INT TERM; exec 2>&9 9>&-; exec "$@"); exit $?';

/** Option of `nsenter`, and the name in /proc. The network is the box's own. */
const NAMESPACES = [
  ["mount", "mnt"],
  ["pid", "pid"],
  ["ipc", "ipc"],
  ["uts", "uts"],
  ["cgroup", "cgroup"],
] as const;

function outerNamespace(pid: number): number | null {
  let inner: number;
  try {
    inner = openSync(`/proc/${pid}/ns/user`, "r");
  } catch {
    throw gone();
  }
  try {
    const parent = openParentNamespace(inner);
    if (fstatSync(parent).ino !== statSync("/proc/self/ns/user").ino) return parent;
    closeSync(parent);
    return null;
  } finally {
    closeSync(inner);
  }
}

function inode(path: string): number {
  try {
    return statSync(path).ino;
  } catch {
    throw gone();
  }
}

function gone(): FetchmlError {
  return new FetchmlError("conflict", "Cannot run the command: the job's sandbox is gone.");
}
