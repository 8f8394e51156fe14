// The part of the box's own system that a job in a sandbox sees.
import {
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statfsSync,
} from "node:fs";
import { join } from "node:path";
import { option } from "./bwrap-option.ts";

/**
 * Options of bwrap that show the system: programs and their settings read-only, and no folder in which people, services or
 * other jobs keep something. `/home`, `/root`, `/run` and `/var` are empty.
 */
export function systemOptions(): readonly string[] {
  return [
    ...["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/etc"].flatMap(
      shown,
    ),
    ...nameServers(),
    ...["/home", "/root", "/run", "/var"].flatMap((path) => ["--dir", path]),
    ...option("--ro-bind", "/sys", "/sys"),
  ];
}

/**
 * Options for `/dev`: the usual harmless devices, a `/dev/shm` of the size that the box's own has (PyTorch hands batches over
 * in it), and those of the GPUs that the attempt was given.
 *
 * @param gpuUuids of the attempt; without one it sees no GPU.
 * @param box where the devices are, and where NVIDIA's driver tells of its cards.
 */
export function deviceOptions(
  gpuUuids: readonly string[],
  box: BoxDevices = { devices: "/dev", cards: "/proc/driver/nvidia/gpus" },
): readonly string[] {
  const { blocks, bsize } = statfsSync("/dev/shm");
  return [
    ...option("--dev", "/dev"),
    ...option(
      "--perms",
      "1777",
      "--size",
      String(Math.max(blocks * bsize, SMALLEST_SHM)),
      "--tmpfs",
      "/dev/shm",
    ),
    ...gpuDevices(gpuUuids, box).flatMap((name) => [
      "--dev-bind-try",
      join(box.devices, name),
      join("/dev", name),
    ]),
    ...option("--remount-ro", "/dev"),
  ];
}

/** The folders of the box that tell of its devices. */
export interface BoxDevices {
  readonly devices: string;
  readonly cards: string;
}

/** A box without a /dev/shm of its own still gives its jobs one. */
const SMALLEST_SHM = 67_108_864;

/** The device files that the GPUs need: of NVIDIA's cards only their own, of others all. */
function gpuDevices(uuids: readonly string[], { devices, cards }: BoxDevices): readonly string[] {
  if (uuids.length === 0) return [];
  const known = nvidiaMinors(cards);
  const minors = new Set(uuids.map((uuid) => known.get(uuid)));
  return list(devices).filter((name) => {
    if (!name.startsWith("nvidia")) return name === "kfd" || name === "dri";
    const minor = /^nvidia(\d+)$/.exec(name)?.[1];
    return minor === undefined || minors.has(minor) || minors.has(undefined);
  });
}

/** Minor number of each card's device file by UUID, as the driver tells them. */
function nvidiaMinors(cards: string): ReadonlyMap<string, string> {
  const minors = new Map<string, string>();
  for (const card of list(cards)) {
    const text = readFileSync(join(cards, card, "information"), "utf8");
    const uuid = /^GPU UUID:\s*(\S+)$/m.exec(text)?.[1];
    const minor = /^Device Minor:\s*(\d+)$/m.exec(text)?.[1];
    if (uuid !== undefined && minor !== undefined) minors.set(uuid, minor);
  }
  return minors;
}

/** A folder of the system; since Debian 12 and its like most of these are links into /usr. */
function shown(path: string): readonly string[] {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  return stat.isSymbolicLink()
    ? ["--symlink", readlinkSync(path), path]
    : ["--ro-bind", path, path];
}

/** Where the names of hosts are looked up: `/etc/resolv.conf` mostly leads into /run, which is empty. */
function nameServers(): readonly string[] {
  try {
    const target = realpathSync("/etc/resolv.conf");
    return /^\/(?:etc|usr)\//.test(target) ? [] : ["--ro-bind-try", target, target];
  } catch {
    return [];
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
