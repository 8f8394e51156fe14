// The server's own log: one line of JSON an event.
import type { Clock } from "../domain/clock.ts";
import { redact, redactText } from "./redact.ts";

/** Levels from the most to the least talkative. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What belongs to an event; snake_case names, plain data, and errors as they were caught. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Writes events. An event is named in kebab-case for what has happened: `server-started`. No key, hash or Authorization
 * header gets into a line, whatever the fields hold. Writing never throws: a line that cannot be written is lost, and the next one
 * that can be has `log-lines-lost` before it.
 */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** What a log is made from. */
export interface LogOptions {
  /** Events below it are dropped; a function is asked at each. */
  readonly level: LogLevel | (() => LogLevel);
  readonly clock: Clock;
  /** Takes whole lines with their line breaks. Throws, or says afterwards, when they could not be written. */
  readonly write: (lines: string, done: (error?: Error | null) => void) => void;
}

/** A log that writes lines such as `{"at":"2026-11-22T20:00:00.000Z","level":"info","event":"server-started","port":9100}`. */
export function createLog({ level, clock, write }: LogOptions): Log {
  let lost = 0;
  const lostLines = (told: number): string => {
    if (told === 0) return "";
    const head = {
      at: new Date(clock.now()).toISOString(),
      level: "warn",
      event: "log-lines-lost",
    };
    // A line break first: a disk that got full has the beginning of a line.
    return `\n${lineOf(head, { count: told })}\n`;
  };
  const writeOrLose = (line: string): void => {
    const told = lost;
    lost = 0;
    const lose = (): void => {
      lost += told + 1;
    };
    try {
      write(`${lostLines(told)}${line}\n`, (error) => {
        if (error instanceof Error) lose();
      });
    } catch {
      // A log that cannot be written must not fail the work it tells of.
      lose();
    }
  };
  const lowest = () => LOG_LEVELS.indexOf(typeof level === "function" ? level() : level);
  const at =
    (eventLevel: LogLevel) =>
    (event: string, fields: LogFields = {}): void => {
      if (LOG_LEVELS.indexOf(eventLevel) < lowest()) return;
      const head = { at: new Date(clock.now()).toISOString(), level: eventLevel, event };
      writeOrLose(lineOf(head, fields));
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A log that keeps nothing. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

function lineOf(head: Readonly<Record<string, string>>, fields: LogFields): string {
  try {
    // The head comes last once more, so that a field cannot pass itself off as it.
    return JSON.stringify({ ...head, ...asRecord(redact(fields)), ...head });
  } catch (error) {
    return JSON.stringify({ ...head, unloggable: redactText(String(error)) });
  }
}

function asRecord(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
