// Runs commands in the sandboxes and folders of running attempts of this box.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { attemptFolder, secretsContext } from "../../domain/attempt-folder.ts";
import type { AttemptCommand, AttemptExec } from "../../domain/attempt-exec.ts";
import type { AttemptKey } from "../../domain/attempt-key.ts";
import type { AttemptSpec } from "../../domain/attempt-spec.ts";
import { createMask } from "../../secrets/mask-bytes.ts";
import type { Executor } from "../executor.ts";
import { exportLines, jobEnvironment } from "../local/job-environment.ts";
import { jobFolders } from "../local/job-folders.ts";
import type { LocalExecutorOptions } from "../local/local-executor.ts";
import { installShellPrograms, type ShellPrograms } from "../local/shell-programs.ts";
import { createVariablesFile } from "../local/variables-file.ts";
import { createLauncher } from "../sandbox/create-launcher.ts";
import { findProgram } from "../sandbox/find-program.ts";
import type { JobOwner } from "../sandbox/sandbox-plan.ts";
import type { Launcher } from "../local/launcher.ts";
import becomeSh from "./become.sh" with { type: "text" };
import { startCommand, type StartedCommand } from "./running-command.ts";
import { openSandboxEntry } from "./sandbox-entry.ts";

/** What it is built from: what the executor is, and the executor, which tells when an attempt ends. */
export interface AttemptExecOptions {
  readonly local: LocalExecutorOptions;
  readonly executor: Pick<Executor, "onChange" | "observe">;
}

/** Commands at the same time beside one attempt, with those that have ended and whose end was not read. */
export const MOST_BESIDE_ONE = 8;
/** The same on the box. */
export const MOST_IN_ALL = 64;

/** The commands beside one attempt. */
interface Beside {
  /** Those that are being prepared too. */
  count: number;
  readonly commands: Set<StartedCommand>;
}

/** Makes one; nothing runs yet. @throws FetchmlError box-unfit as the executor does */
export function createAttemptExec(options: AttemptExecOptions): AttemptExec {
  return new LocalAttemptExec(options);
}

/** Knows every command that runs, so that none outlives its attempt. */
class LocalAttemptExec implements AttemptExec {
  readonly #options: AttemptExecOptions;
  readonly #programs: ShellPrograms;
  readonly #launcher: Launcher;
  readonly #running = new Map<string, Beside>();
  readonly #unlisten: () => void;

  constructor(options: AttemptExecOptions) {
    this.#options = options;
    const { dataDir } = options.local;
    this.#programs = installShellPrograms(dataDir);
    this.#launcher = createLauncher(this.#programs, options.local);
    this.#unlisten = options.executor.onChange((attempt) => {
      if (this.#running.has(nameOf(attempt))) void this.#endWithAttempt(attempt);
    });
  }

  async start(spec: AttemptSpec, command: readonly string[]): Promise<AttemptCommand> {
    const beside = this.#admit(spec);
    // Counted at once: others may be asked for while this one is prepared.
    beside.count += 1;
    const leave = () => {
      beside.count -= 1;
      if (beside.count === 0) this.#running.delete(nameOf(spec));
    };
    let started: StartedCommand;
    try {
      started = await this.#begin(spec, command, () => {
        beside.commands.delete(started);
        leave();
      });
    } catch (error) {
      leave();
      throw error;
    }
    beside.commands.add(started);
    try {
      // It may have ended while this was prepared.
      await this.#endWithAttempt(spec);
    } catch (error) {
      started.close();
      throw error;
    }
    return started;
  }

  async close(): Promise<void> {
    this.#unlisten();
    for (const { commands } of this.#running.values()) for (const each of commands) each.close();
  }

  #admit(spec: AttemptSpec): Beside {
    const beside = this.#running.get(nameOf(spec)) ?? { count: 0, commands: new Set() };
    const inAll = [...this.#running.values()].reduce((sum, { count }) => sum + count, 0);
    if (beside.count >= MOST_BESIDE_ONE || inAll >= MOST_IN_ALL) throw tooMany(spec);
    this.#running.set(nameOf(spec), beside);
    return beside;
  }

  async #endWithAttempt(attempt: AttemptKey): Promise<void> {
    const [seen] = await this.#options.executor.observe([attempt]);
    if (seen?.kind !== "ended") return;
    for (const each of this.#running.get(nameOf(attempt))?.commands ?? []) each.end();
  }

  async #begin(
    spec: AttemptSpec,
    command: readonly string[],
    onGone: () => void,
  ): Promise<StartedCommand> {
    const { local, executor } = this.#options;
    const [seen] = await executor.observe([spec]);
    const { dataDir, secrets, baseEnv } = local;
    const { control, secrets: kept } = attemptFolder(dataDir, spec);
    // Its main process has ended, though what is left of it may not have: exec.sh looks again.
    const isClosing = existsSync(join(control, "closing"));
    if (seen?.kind !== "running" || isClosing) throw notRunning(spec);
    const values = await secrets.reveal(spec.user, spec.secrets);
    // Its secrets may have been changed since: what it has is masked too.
    const given = await secrets.kept(kept, secretsContext(spec));
    const inside = this.#launcher.seenBy(spec, jobFolders(dataDir, spec));
    const env = { ...spec.env, ...Object.fromEntries(values) };
    const variables = createVariablesFile(control, {
      text: `${exportLines(jobEnvironment({ ...spec, env }, inside, baseEnv))}\n`,
      hasSecrets: spec.secrets.length > 0,
    });
    const way = this.#wayTo(spec, control);
    try {
      const setsid = findProgram("setsid", baseEnv.PATH);
      return startCommand({
        arguments: [
          this.#programs["exec.sh"],
          control,
          way.enters,
          ...way.arguments,
          "/bin/sh",
          "-c",
          becomeSh,
          "sh",
          join(inside.work, spec.cwd),
          way.umask,
          way.processes,
          setsid,
          ...command,
        ],
        variables: variables.fd,
        entry: way.outer,
        mask: createMask([...new Set([...given, ...values.values()])]),
        path: baseEnv.PATH,
        onGone,
      });
    } finally {
      variables.close();
      way.close();
    }
  }

  /** How one gets to where the job is. */
  #wayTo(spec: AttemptSpec, control: string) {
    const path = this.#options.local.baseEnv.PATH;
    const owner = this.#launcher.ownerOf(spec, control);
    const processes = String(spec.limits.processes);
    const nothing = { outer: null, close: () => undefined, enters: "" };
    switch (this.#launcher.kind) {
      case "bubblewrap": {
        const entry = openSandboxEntry(control, { uid: owner?.uid ?? null, path });
        return { ...entry, enters: "enters", umask: "022", processes };
      }
      case "account": {
        const { uid, gid } = requireOwner(owner);
        const drop = ["--reuid", `${uid}`, "--regid", `${gid}`, "--clear-groups"];
        const setpriv = [findProgram("setpriv", path), ...drop, "--no-new-privs"];
        return { ...nothing, arguments: setpriv, umask: "007", processes };
      }
      case "none":
        return { ...nothing, arguments: [], umask: "022", processes: "" };
    }
  }
}

function requireOwner(owner: JobOwner | null): JobOwner {
  if (owner === null) throw new Error("an attempt has no account");
  return owner;
}

function nameOf({ jobId, attempt }: AttemptKey): string {
  return `${jobId}.${attempt}`;
}

function notRunning({ jobId }: AttemptSpec): FetchmlError {
  return new FetchmlError(
    "conflict",
    `Cannot run a command in job ${jobId}: it does not run now. "ml why ${jobId}" tells more.`,
  );
}

function tooMany({ jobId }: AttemptSpec): FetchmlError {
  return new FetchmlError(
    "quota-exceeded",
    `Cannot run one more command in job ${jobId}: ${MOST_BESIDE_ONE} may run in a job and ${MOST_IN_ALL} on the box at the same time. Wait until one has ended and its output was read.`,
  );
}
