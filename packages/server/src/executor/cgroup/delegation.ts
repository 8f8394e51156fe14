// Whether the server's own cgroup is its to divide, and the first division: the server in one part, attempts in the other.
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { findOwnCgroup, unitOf } from "./own-cgroup.ts";

/** Where attempts get their cgroups, or why they get none. */
export type CgroupPlan =
  | {
      readonly kind: "delegated";
      /** Absolute path of the cgroup in which each attempt gets its own. */
      readonly attempts: string;
      /** What they limit. */
      readonly controllers: readonly string[];
    }
  | { readonly kind: "absent"; readonly why: string };

/** What the decision needs to know of the box beside the cgroup itself. */
export interface Surroundings {
  /** `/proc/self/cgroup` and `/proc/self/mountinfo`. */
  readonly cgroupText: string;
  readonly mountText: string;
  /** Whether systemd runs the box. */
  readonly hasSystemd: boolean;
  /** Number of the account of this process. */
  readonly uid: number;
  /** What systemd says of a unit. */
  readonly ask: (unit: Unit) => UnitAnswer;
}

/** A unit, and whether a user's own systemd has it. */
export interface Unit {
  readonly name: string;
  readonly isUsers: boolean;
}

/** What systemd says of a unit. */
export interface UnitAnswer {
  readonly isDelegate: boolean;
  /** Whether it takes the controllers back when the server has ended, so that it can be started again. */
  readonly takesBack: boolean;
}

/** Without these an attempt cannot be held; `cpu` is taken where it is there. */
const NEEDED = ["memory", "pids"] as const;

/**
 * Finds the cgroup that is the server's to divide, divides it, and moves the server into a part of its own: only a cgroup without
 * processes can hand out controllers. It may have been done before, by a server before this one.
 *
 * @param memBytes what all attempts may use together; `null`: no limit but the box's.
 */
export function claimCgroups(
  memBytes: number | null,
  surroundings: Surroundings = thisBox(),
): CgroupPlan {
  const found = findDelegated(surroundings);
  if ("why" in found) return { kind: "absent", why: found.why };
  try {
    return divide(found.folder, memBytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: "absent", why: `the cgroup ${found.folder} could not be divided (${why})` };
  }
}

/** The cgroup that is this process's to divide, or why there is none. Changes nothing. */
export function findDelegated(
  surroundings: Surroundings,
): { readonly folder: string } | { readonly why: string } {
  const own = findOwnCgroup(surroundings.cgroupText, surroundings.mountText);
  if (own === null)
    return { why: "cgroup v2 is not mounted here, or not the part the server is in" };
  // Where systemd, or a server before this one, has put it into its own part.
  const folder = basename(own) === SERVER ? dirname(own) : own;
  const controllers = words(join(folder, "cgroup.controllers"));
  const missing = NEEDED.filter((name) => !controllers.includes(name));
  if (missing.length > 0)
    return { why: `the cgroup ${folder} has no ${missing.join(", no ")} controller` };
  const why = notDelegated({ folder, isPlaced: folder !== own }, surroundings);
  return why === null ? { folder } : { why };
}

const SERVER = "server";

function notDelegated(
  { folder, isPlaced }: { readonly folder: string; readonly isPlaced: boolean },
  { hasSystemd, uid, ask }: Surroundings,
): string | null {
  try {
    for (const name of ["", "cgroup.procs", "cgroup.subtree_control"]) {
      accessSync(join(folder, name), constants.W_OK);
    }
  } catch {
    return `the server may not divide the cgroup ${folder}`;
  }
  if (!hasSystemd) return null;
  const unit = unitOf(folder);
  if (unit === null) return `the cgroup ${folder} belongs to systemd, and to no unit of it`;
  // systemd gives a cgroup to another account only to delegate it. Root may write everywhere, and a user into all his units.
  const isGiven = uid !== 0 && !unit.isUsers && statSync(folder).uid === uid;
  if (isGiven && isPlaced) return null;
  const { isDelegate, takesBack } = ask(unit);
  if (!isGiven && !isDelegate) return `the unit ${unit.name} has no Delegate=yes`;
  // systemd would put the next server where controllers are handed out, which the kernel refuses while jobs go on.
  const isForOnce = unit.name.endsWith(".scope");
  return isPlaced || isForOnce || takesBack
    ? null
    : `the unit ${unit.name} has no DelegateSubgroup=server, and could not be restarted while jobs run`;
}

function divide(folder: string, memBytes: number | null): CgroupPlan {
  // The root of all cgroups has no type. It alone can hand out controllers while processes are in it.
  const isRoot = !existsSync(join(folder, "cgroup.type"));
  const own = isRoot ? join(folder, "fetchml") : folder;
  if (isRoot) {
    handOut(folder);
    mkdirSync(own, { recursive: true });
  } else {
    moveAll(folder, join(folder, SERVER));
  }
  handOut(own);
  const attempts = join(own, "attempts");
  mkdirSync(attempts, { recursive: true });
  if (!existsSync(join(attempts, "cgroup.kill"))) {
    return { kind: "absent", why: "this kernel has no cgroup.kill: it came with Linux 5.14" };
  }
  writeFileSync(join(attempts, "memory.max"), memBytes === null ? "max" : String(memBytes));
  return { kind: "delegated", attempts, controllers: handOut(attempts) };
}

/** Moves every process of a cgroup into another one. What they fork meanwhile is found in the next round. */
function moveAll(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const pids = words(join(from, "cgroup.procs"));
    if (pids.length === 0) return;
    for (const pid of pids) move(pid, to);
  }
}

function move(pid: string, to: string): void {
  try {
    writeFileSync(join(to, "cgroup.procs"), pid);
  } catch (error) {
    const isGone = error instanceof Error && "code" in error && error.code === "ESRCH";
    if (!isGone) throw error;
  }
}

const MOST_ROUNDS = 10;

/** Has the parts of a cgroup count and limit what they use; answers the controllers they have. */
function handOut(folder: string): readonly string[] {
  const control = join(folder, "cgroup.subtree_control");
  for (const name of NEEDED) writeFileSync(control, `+${name}`);
  try {
    writeFileSync(control, "+cpu");
  } catch {
    // Not there, or real-time processes are in the way.
  }
  return words(control);
}

function words(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8")
      .split(/\s+/)
      .filter((word) => word !== "");
  } catch {
    return [];
  }
}

function thisBox(): Surroundings {
  return {
    cgroupText: readFileSync("/proc/self/cgroup", "utf8"),
    mountText: readFileSync("/proc/self/mountinfo", "utf8"),
    hasSystemd: existsSync("/run/systemd/system"),
    uid: process.getuid?.() ?? 0,
    ask: askSystemd,
  };
}

function askSystemd({ name, isUsers }: Unit): UnitAnswer {
  try {
    const { stdout } = Bun.spawnSync({
      cmd: [
        "systemctl",
        ...(isUsers ? ["--user"] : []),
        "show",
        "--property=Delegate,ExecStopPost",
        "--",
        name,
      ],
      stdin: "ignore",
      stderr: "ignore",
      timeout: 10_000,
    });
    const text = stdout.toString();
    return {
      isDelegate: /^Delegate=yes$/m.test(text),
      takesBack: /^ExecStopPost=.*cgroup\.subtree_control/m.test(text),
    };
  } catch {
    return { isDelegate: false, takesBack: false };
  }
}
