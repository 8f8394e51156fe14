// Looks at the command lines of all processes, over and over, as `ps` on the same machine would.
import { readdirSync, readFileSync } from "node:fs";

const intervalMs = 50;

/** A look-out that is at work until it is closed. */
export interface LookOut {
  /** Every command line seen so far. */
  readonly seen: ReadonlySet<string>;
  close(): void;
}

/** Starts to look. */
export function watchCommandLines(): LookOut {
  const seen = new Set<string>();
  const look = () => {
    for (const pid of readdirSync("/proc")) {
      if (/^\d+$/.test(pid)) seen.add(commandLine(pid));
    }
  };
  const timer = setInterval(look, intervalMs);
  return { seen, close: () => clearInterval(timer) };
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    // It ended between the two looks.
    return "";
  }
}
