// Reads from /proc what a leak check asks: which processes belong to a run, which sockets listen and whose they are.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process that lives. */
export interface LiveProcess {
  readonly pid: number;
  /** Its command line, blanks between the words. */
  readonly command: string;
}

/** A socket that waits for connections. */
export interface Listener {
  /** For TCP the port and the address in the kernel's hex, such as `tcp port 9100 of 0100007F`; else a Unix socket's path. */
  readonly address: string;
  /** The kernel's number for the socket. */
  readonly inode: string;
}

/** Every process but this one that carries the words `cookie` in its environment, or works with files under `folder`. Zombies are dead. */
export function findProcesses(cookie: string, folder: string): readonly LiveProcess[] {
  return numberedFolders()
    .filter((pid) => pid !== process.pid && isAlive(pid) && belongs(pid, cookie, folder))
    .map((pid) => ({ pid, command: commandOf(pid) }));
}

/** The children of this process that live. */
export function findChildren(): readonly LiveProcess[] {
  const lists = names("/proc/self/task").map((task) => read(`/proc/self/task/${task}/children`));
  return lists
    .flatMap((list) => list.split(" ").filter(Boolean).map(Number))
    .filter(isAlive)
    .map((pid) => ({ pid, command: commandOf(pid) }));
}

/** Every socket of this machine (its network namespace) that listens. */
export function findListeners(): readonly Listener[] {
  const tcp = ["tcp", "tcp6"].flatMap((kind) =>
    rows(`/proc/net/${kind}`)
      .filter((row) => row[3] === "0A")
      .map((row) => ({ address: `${kind} ${readableAddress(row[1])}`, inode: row[9] ?? "" })),
  );
  // Flag 0x10000: the socket accepts connections.
  const unix = rows("/proc/net/unix")
    .filter((row) => row[3] === "00010000")
    .map((row) => ({ address: row[7] ?? "unnamed", inode: row[6] ?? "" }));
  return [...tcp, ...unix];
}

/** The kernel's numbers of the sockets that a process has open. */
export function socketsOf(pid: number | "self"): ReadonlySet<string> {
  const links = openFiles(pid).map((path) => /^socket:\[(\d+)\]$/.exec(path)?.[1]);
  return new Set(links.filter((inode) => inode !== undefined));
}

function belongs(pid: number, cookie: string, folder: string): boolean {
  if (read(`/proc/${pid}/environ`).split("\0").includes(cookie)) return true;
  // A job's environment is its own, but its files lie in the run's folder.
  const paths = [link(`/proc/${pid}/cwd`), link(`/proc/${pid}/exe`), ...openFiles(pid)];
  const isInside = (path: string) => `${path}/`.startsWith(`${folder}/`);
  return paths.some(isInside) || commandOf(pid).includes(`${folder}/`);
}

function isAlive(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  // The name, in brackets, may hold anything; the state is the next word after it.
  const state = stat.slice(stat.lastIndexOf(")") + 2).charAt(0);
  return state !== "" && state !== "Z" && state !== "X";
}

function readableAddress(hex = ""): string {
  const [address = "", port = ""] = hex.split(":");
  return `port ${Number.parseInt(port, 16)} of ${address}`;
}

function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
}

function openFiles(pid: number | "self"): readonly string[] {
  return names(`/proc/${pid}/fd`).map((fd) => link(`/proc/${pid}/fd/${fd}`));
}

function numberedFolders(): readonly number[] {
  return names("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function rows(path: string): readonly (readonly string[])[] {
  const lines = read(path).split("\n").slice(1).filter(Boolean);
  return lines.map((line) => line.trim().split(/\s+/));
}

// A process may end between two looks: then there is nothing to read.
function read(path: string): string {
  return orElse(() => readFileSync(path, "utf8"), "");
}

function link(path: string): string {
  return orElse(() => readlinkSync(path), "");
}

function names(path: string): readonly string[] {
  return orElse(() => readdirSync(path), []);
}

function orElse<T>(look: () => T, nothing: T): T {
  try {
    return look();
  } catch {
    return nothing;
  }
}
