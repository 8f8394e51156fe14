// The shell programs that supervise attempts, laid out in the data folder for the attempts that run them.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import controlSh from "./control.sh" with { type: "text" };
import launchPlainSh from "./launch-plain.sh" with { type: "text" };
import supervisorSh from "./supervisor.sh" with { type: "text" };
import watchdogSh from "./watchdog.sh" with { type: "text" };

const PROGRAMS = {
  "control.sh": controlSh,
  "launch-plain.sh": launchPlainSh,
  "supervisor.sh": supervisorSh,
  "watchdog.sh": watchdogSh,
} as const;

/** Absolute path of each program. */
export type ShellPrograms = Readonly<Record<keyof typeof PROGRAMS, string>>;

/** Every supervisor's second argument ends so, whichever version of the programs it runs. */
export const SUPERVISOR_ENDING = "/supervisor.sh";

/**
 * Writes the programs into a folder named by their content. A shell reads its program while it runs it, so a program in use
 * is never changed: another version gets another folder.
 */
export function installShellPrograms(dataDir: string): ShellPrograms {
  const version = createHash("sha256").update(JSON.stringify(PROGRAMS)).digest("hex").slice(0, 12);
  const folder = join(dataDir, "executor", version);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(PROGRAMS)) {
    const path = join(folder, name);
    if (existsSync(path)) continue;
    const unfinished = `${path}.${process.pid}.new`;
    writeFileSync(unfinished, text, { mode: 0o600 });
    renameSync(unfinished, path);
  }
  return {
    "control.sh": join(folder, "control.sh"),
    "launch-plain.sh": join(folder, "launch-plain.sh"),
    "supervisor.sh": join(folder, "supervisor.sh"),
    "watchdog.sh": join(folder, "watchdog.sh"),
  };
}
