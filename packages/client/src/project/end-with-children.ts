// Ends a process together with what it has started, which may be waiting for something that does not come.
import type { Subprocess } from "bun";

/**
 * Kills it at once, and its children with theirs as `ps` names them. Where there is no `ps`, as on Windows, it alone. They stay in
 * the process group that the terminal interrupts: one of their own would outlive a Ctrl-C.
 */
export function endWithChildren(child: Subprocess): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  // Before it is gone: then nobody tells any more whose they were.
  const below = pidsBelow(child.pid);
  child.kill("SIGKILL");
  for (const pid of below) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself, or belongs to somebody else.
    }
  }
}

function pidsBelow(pid: number): readonly number[] {
  const found = [pid];
  const pairs = childrenOf();
  for (const parent of found) found.push(...(pairs.get(parent) ?? []));
  return found.slice(1);
}

/** The children of each process that has some. */
function childrenOf(): ReadonlyMap<number, readonly number[]> {
  const children = new Map<number, number[]>();
  for (const line of processList().split("\n")) {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    if (pid === undefined || parent === undefined) continue;
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  return children;
}

function processList(): string {
  try {
    const list = ["ps", "-A", "-o", "pid=", "-o", "ppid="];
    return Bun.spawnSync(list, { stdin: "ignore", stderr: "ignore" }).stdout.toString();
  } catch {
    return "";
  }
}
