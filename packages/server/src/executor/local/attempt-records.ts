// What the control files of an attempt say, parsed. What does not parse counts as absent.
import type { AttemptEnd } from "../../domain/attempt-end.ts";
import { readControl } from "./control-files.ts";
import { parseIdentity, type ProcessIdentity } from "./process-identity.ts";

/** The supervisor of an attempt: who it is, in which place it runs, and when it began in centiseconds since that boot. */
export interface SupervisorRecord extends ProcessIdentity {
  /** See `placeOf()`. */
  readonly place: string;
  readonly began: number;
}

/** The cancel of an attempt: when KILL is due in centiseconds since boot, and whether TERM was sent. */
export interface CancelRecord {
  readonly due: number;
  readonly sent: boolean;
}

/** `control/supervisor`: "PID START_TICKS PLACE UPTIME". */
export function readSupervisor(control: string): SupervisorRecord | null {
  const text = readControl(control, "supervisor")?.text ?? "";
  const identity = parseIdentity(text);
  const match = /^\d+ \d+ (\S+) (\d+)$/.exec(text);
  if (identity === null || match?.[1] === undefined) return null;
  return { ...identity, place: match[1], began: Number(match[2]) };
}

/** `control/job`: "PID START_TICKS", with the time at which it was written. */
export function readJob(control: string): (ProcessIdentity & { readonly begunAt: number }) | null {
  const line = readControl(control, "job");
  const identity = line === null ? null : parseIdentity(line.text);
  return line === null || identity === null ? null : { ...identity, begunAt: line.writtenAt };
}

/** `control/watchdog`: "PID START_TICKS". */
export function readWatchdog(control: string): ProcessIdentity | null {
  return parseIdentity(readControl(control, "watchdog")?.text ?? "");
}

/** `control/init`: "PID START_TICKS" of the first process of the attempt's sandbox. */
export function readInit(control: string): ProcessIdentity | null {
  return parseIdentity(readControl(control, "init")?.text ?? "");
}

/** `control/account`: number of the account that the attempt alone has. */
export function readAccount(control: string): number | null {
  const text = readControl(control, "account")?.text ?? "";
  return /^[1-9]\d{3,9}$/.test(text) ? Number(text) : null;
}

/** `control/cancel`: "DUE" and, once TERM was sent, " sent". */
export function readCancel(control: string): CancelRecord | null {
  const match = /^(\d+)( sent)?$/.exec(readControl(control, "cancel")?.text ?? "");
  return match === null ? null : { due: Number(match[1]), sent: match[2] !== undefined };
}

/** `control/exit`: how the attempt ended, and when in epoch milliseconds. */
export function readExit(control: string): { outcome: AttemptEnd; endedAt: number } | null {
  const line = readControl(control, "exit");
  const outcome = line === null ? null : parseExit(line.text);
  return line === null || outcome === null ? null : { outcome, endedAt: line.writtenAt };
}

/**
 * Parses the line of an exit file: `exited CODE`, `cancelled CODE` (`-`: it never ran), `timed-out CODE TIMEOUT_MS`,
 * `setup CODE`, `host-oom LIMIT_BYTES PEAK_BYTES` (each may be `-`), `no-output CODE SILENT_MS`, `disk-full CODE -` (the box's) or `disk-full CODE USED_BYTES LIMIT_BYTES FOLDER`,
 * `failed-to-start "WHY"` or `lost "WHY"`; the reasons are JSON strings.
 */
export function parseExit(text: string): AttemptEnd | null {
  const space = text.indexOf(" ");
  const rest = text.slice(space + 1);
  switch (text.slice(0, space)) {
    case "exited": {
      const code = parseCode(rest);
      return code === null ? null : { kind: "exited", exit_code: code };
    }
    case "cancelled": {
      const code = parseCode(rest);
      return code === null && rest !== "-" ? null : { kind: "cancelled", exit_code: code };
    }
    case "timed-out": {
      const match = /^\d{1,3} (\d{1,15})$/.exec(rest);
      return match === null ? null : { kind: "timed-out", timeout_ms: Number(match[1]) };
    }
    case "no-output": {
      const match = /^\d{1,3} (\d{1,15})$/.exec(rest);
      return match === null ? null : { kind: "no-output", silent_ms: Number(match[1]) };
    }
    case "disk-full":
      return parseDiskFull(rest);
    case "host-oom":
      return parseOom(rest);
    case "setup": {
      const code = parseCode(rest);
      return code === null ? null : { kind: "setup", exit_code: code };
    }
    case "failed-to-start": {
      const message = parseMessage(rest);
      return message === null ? null : { kind: "failed-to-start", message };
    }
    case "lost": {
      const message = parseMessage(rest);
      return message === null ? null : { kind: "lost", message };
    }
    default:
      return null;
  }
}

/** The line of an exit file that the server writes itself. */
export function formatExit(kind: "failed-to-start" | "lost", message: string): string {
  return `${kind} ${JSON.stringify(message.slice(0, 2000))}`;
}

function parseOom(text: string): AttemptEnd | null {
  const match = /^(\d{1,15}|-) (\d{1,15}|-)$/.exec(text);
  if (match === null) return null;
  const [limit, peak] = [Number(match[1]), Number(match[2])];
  return {
    kind: "host-oom",
    limit_bytes: Number.isNaN(limit) ? null : limit,
    ...(!Number.isNaN(peak) && { peak_bytes: peak }),
  };
}

function parseDiskFull(text: string): AttemptEnd | null {
  const match = /^(\d{1,3}) (?:-|(\d{1,15}) (\d{1,15}) ([a-z]+))$/.exec(text);
  const code = parseCode(match?.[1] ?? "");
  if (match === null || code === null) return null;
  const [, , used, limit, folder = "box"] = match;
  return {
    kind: "disk-full",
    path: folder,
    ...(used !== undefined && { used_bytes: Number(used), limit_bytes: Number(limit) }),
    exit_code: code,
  };
}

function parseCode(text: string): number | null {
  return /^\d{1,3}$/.test(text) && Number(text) <= 255 ? Number(text) : null;
}

function parseMessage(text: string): string | null {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === "string" ? message : null;
  } catch {
    return null;
  }
}
