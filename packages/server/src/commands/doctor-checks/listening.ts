// Finds out from the kernel who listens where: on which addresses the server of a data folder really does.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** An address on which a process takes connections. */
export interface Listening {
  /** `127.0.0.1`, `0.0.0.0`, `::1`, or any other in full. */
  readonly host: string;
  readonly port: number;
  readonly inode: string;
}

/** Every TCP socket of this machine that takes connections; see proc_pid_net(5). @param proc default `/proc` */
export function listeningSockets(proc = "/proc"): readonly Listening[] {
  return ["tcp", "tcp6"].flatMap((name) =>
    linesOf(join(proc, "net", name)).flatMap((line) => {
      const [, local = "", , state = "", , , , , , inode = ""] = line.trim().split(/\s+/);
      const [address = "", port = ""] = local.split(":");
      if (state !== LISTEN) return [];
      return [{ host: hostOf(address), port: Number.parseInt(port, 16), inode }];
    }),
  );
}

/** Those of the process that has this Unix socket; `null` when nobody has, or when it is not ours to look at. */
export function listeningBeside(
  socketPath: string,
  proc = "/proc",
): { readonly pid: number; readonly sockets: readonly Listening[] } | null {
  const own = linesOf(join(proc, "net/unix"))
    .map((line) => line.trim().split(/\s+/))
    .find(([, , , flags, , , , path]) => path === socketPath && flags === ACCEPTS)?.[6];
  if (own === undefined) return null;
  for (const pid of namesIn(proc).filter((name) => /^\d+$/.test(name))) {
    const inodes = new Set(socketsOf(join(proc, pid, "fd")));
    if (!inodes.has(own)) continue;
    const sockets = listeningSockets(proc).filter(({ inode }) => inodes.has(inode));
    return { pid: Number(pid), sockets };
  }
  return null;
}

/** TCP_LISTEN of the kernel's tcp_states.h, and SO_ACCEPTCON as the flags of a Unix socket show it. */
const LISTEN = "0A";
const ACCEPTS = "00010000";

function socketsOf(folder: string): readonly string[] {
  return namesIn(folder).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(join(folder, fd)))?.[1] ?? [];
    } catch {
      return [];
    }
  });
}

/** Groups of four bytes, each in the byte order of the machine, which is little-endian on all that FetchML runs on. */
function hostOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((group) =>
    (group.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)).toReversed(),
  );
  const mapped = bytes.length === 16 && MAPPED.every((byte, index) => bytes[index] === byte);
  if (bytes.length === 4 || mapped) return bytes.slice(-4).join(".");
  const words = Array.from({ length: 8 }, (_, index) =>
    ((bytes[2 * index] ?? 0) * 256 + (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${words.join(":")}]`).hostname.slice(1, -1);
}

const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch {
    return [];
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
