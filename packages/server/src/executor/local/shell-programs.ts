// The shell programs that supervise attempts, laid out in the data folder for the attempts that run them.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import cgroupSh from "../cgroup/cgroup.sh" with { type: "text" };
import besideSh from "../exec/beside.sh" with { type: "text" };
import execSh from "../exec/exec.sh" with { type: "text" };
import controlSh from "./control.sh" with { type: "text" };
import initSh from "./init.sh" with { type: "text" };
import keepLogSh from "./keep-log.sh" with { type: "text" };
import keepSetupSh from "./keep-setup.sh" with { type: "text" };
import launchAccountSh from "./launch-account.sh" with { type: "text" };
import launchBubblewrapSh from "./launch-bubblewrap.sh" with { type: "text" };
import launchPlainSh from "./launch-plain.sh" with { type: "text" };
import renewWorkSh from "./renew-work.sh" with { type: "text" };
import sweepAccountSh from "./sweep-account.sh" with { type: "text" };
import setupSh from "./setup.sh" with { type: "text" };
import supervisorSh from "./supervisor.sh" with { type: "text" };
import watchdogSh from "./watchdog.sh" with { type: "text" };
import workChangesSh from "./work-changes.sh" with { type: "text" };

const SOURCES = {
  "beside.sh": besideSh,
  "cgroup.sh": cgroupSh,
  "control.sh": controlSh,
  "exec.sh": execSh,
  "init.sh": initSh,
  "keep-log.sh": keepLogSh,
  "keep-setup.sh": keepSetupSh,
  "launch-account.sh": launchAccountSh,
  "launch-bubblewrap.sh": launchBubblewrapSh,
  "launch-plain.sh": launchPlainSh,
  "renew-work.sh": renewWorkSh,
  "setup.sh": setupSh,
  "supervisor.sh": supervisorSh,
  "sweep-account.sh": sweepAccountSh,
  "watchdog.sh": watchdogSh,
  "work-changes.sh": workChangesSh,
} as const;

/** As they are laid out: without comments, which a shell reads anew for each attempt and which take it half of its start. */
const PROGRAMS = Object.fromEntries(
  Object.entries(SOURCES).map(([name, text]) => [name, withoutComments(text)]),
);

/** Absolute path of each program. */
export type ShellPrograms = Readonly<Record<StartedProgram, string>>;

/** Those that the server starts or names; the others are sourced by these, from the folder they lie in. */
type StartedProgram =
  | "exec.sh"
  | "launch-account.sh"
  | "launch-bubblewrap.sh"
  | "launch-plain.sh"
  | "supervisor.sh"
  | "watchdog.sh";

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
    // By content: a power failure leaves files of a moment ago empty, under their name.
    if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
    const unfinished = `${path}.${process.pid}.new`;
    writeFileSync(unfinished, text, { mode: 0o600 });
    renameSync(unfinished, path);
  }
  return {
    "exec.sh": join(folder, "exec.sh"),
    "launch-account.sh": join(folder, "launch-account.sh"),
    "launch-bubblewrap.sh": join(folder, "launch-bubblewrap.sh"),
    "launch-plain.sh": join(folder, "launch-plain.sh"),
    "supervisor.sh": join(folder, "supervisor.sh"),
    "watchdog.sh": join(folder, "watchdog.sh"),
  };
}

/** Drops the lines that are comments. None of the programs has a line in a text of several lines that looks like one. */
function withoutComments(program: string): string {
  return program.replaceAll(/^[ \t]*(?:#.*)?\n/gm, "");
}
