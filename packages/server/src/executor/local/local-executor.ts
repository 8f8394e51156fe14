// Runs attempts as processes on this box, each under a supervisor that outlives the server.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { attemptFolder, secretsContext } from "../../domain/attempt-folder.ts";
import type { AttemptKey } from "../../domain/attempt-key.ts";
import type { AttemptSpec } from "../../domain/attempt-spec.ts";
import type { Capacity, Executor, NoRoom, Observation } from "../executor.ts";
import type { Secrets } from "../../secrets/secrets.ts";
import { attemptOf, findAlive } from "./alive-attempts.ts";
import { formatExit, readExit } from "./attempt-records.ts";
import { AttemptGuards } from "./attempt-guards.ts";
import { AttemptWatch } from "./attempt-watch.ts";
import { placeOf } from "./boot.ts";
import { beginCancel, resendTerm } from "./cancel-ladder.ts";
import { createControl, isClaimed } from "./control-files.ts";
import { writeGuards } from "./guards-file.ts";
import { isRoomless, isShortage } from "./box-shortage.ts";
import { isElsewhere, setForeignAside } from "./foreign-folder.ts";
import { commandArguments } from "./job-command.ts";
import { type BaseEnvironment, jobEnvironment } from "./job-environment.ts";
import { type Checkout, jobFolders, makeJobFolders, startFolder } from "./job-folders.ts";
import { type AttemptCgroups, attemptCgroups } from "../cgroup/attempt-cgroups.ts";
import { requireMounts } from "../sandbox/admin-mounts.ts";
import { createLauncher } from "../sandbox/create-launcher.ts";
import type { AdminMount, SandboxPlan } from "../sandbox/sandbox-plan.ts";
import { keptSetup } from "../setup/kept-setup.ts";
import type { Launcher } from "./launcher.ts";
import { endUnbegun, observeAttempt } from "./observe-attempt.ts";
import { PeakWatch, withPeak } from "./peak-memory.ts";
import { installShellPrograms, type ShellPrograms } from "./shell-programs.ts";
import { ensureWatchdog, spawnSupervisor, type Supervision } from "./supervisor-processes.ts";
import { writeDeadline } from "./time-limit.ts";
import { createVariablesFile } from "./variables-file.ts";

/** What a local executor is built from. */
export interface LocalExecutorOptions {
  /** Absolute path of the data folder; it exists and belongs to this process alone. */
  readonly dataDir: string;
  readonly capacity: Capacity;
  readonly checkout: Checkout;
  readonly baseEnv: BaseEnvironment & { readonly PATH: string };
  /** How jobs are kept apart, proven to work. */
  readonly sandbox: SandboxPlan;
  /** Cgroup in which each attempt gets its own; `null`: there is none to divide. */
  readonly cgroups: string | null;
  /** Folders of the box that jobs may ask for; where there is no sandbox around them they are there anyway. */
  readonly mounts: readonly AdminMount[];
  /** Where the values of secrets come from, and are kept for as long as there is a log to mask. */
  readonly secrets: Pick<Secrets, "reveal" | "keep" | "kept">;
  /** How often logs and folders are looked at; the defaults are those of the guards. */
  readonly guardPace?: { readonly lookMs: number; readonly measureMs: number };
}

/**
 * An executor that runs attempts on this box. Nothing runs before the first start.
 *
 * @throws FetchmlError box-unfit when the box lacks what supervisors need.
 */
export function createLocalExecutor(options: LocalExecutorOptions): Executor {
  return new LocalExecutor(options);
}

/**
 * Keeps in memory only what it can do without after a crash: starts in progress, its own children, and watches. All else is
 * in the control folders, so that another instance can go on where this one ended.
 */
class LocalExecutor implements Executor {
  readonly #options: LocalExecutorOptions;
  readonly #programs: ShellPrograms;
  readonly #launcher: Launcher;
  readonly #cgroups: AttemptCgroups;
  readonly #place: string;
  readonly #listeners = new Set<(attempt: AttemptKey) => void>();
  /** Starts in progress, by control folder. */
  readonly #starts = new Map<string, Promise<NoRoom | null>>();
  /** Control folders of supervisors that this process started and has not seen end. */
  readonly #children = new Set<string>();
  /** Why the last start of an attempt could not be gone through with, by control folder. */
  readonly #hindrances = new Map<string, string>();
  readonly #watch: AttemptWatch;
  #isClosed = false;

  constructor(options: LocalExecutorOptions) {
    this.#options = options;
    const enforce = (control: string) => this.#enforceDeadlines(control);
    const guards = new AttemptGuards({ path: options.baseEnv.PATH, enforce, ...options.guardPace });
    const peaks = new PeakWatch({ hasCgroups: options.cgroups !== null, ...options.guardPace });
    this.#watch = new AttemptWatch((control) => this.#tell(control), { guards, peaks });
    this.#place = placeOf(options.dataDir);
    this.#programs = installShellPrograms(options.dataDir);
    this.#launcher = createLauncher(this.#programs, options);
    this.#cgroups = attemptCgroups(options.cgroups, options.dataDir);
    this.#cgroups.sweep();
  }

  start(spec: AttemptSpec): Promise<NoRoom | null> {
    const control = this.#control(spec);
    const inProgress = this.#starts.get(control);
    if (inProgress !== undefined) return inProgress;
    const start = this.#start(spec, control).finally(() => this.#starts.delete(control));
    this.#starts.set(control, start);
    return start;
  }

  observe(attempts: readonly AttemptKey[]): Promise<readonly Observation[]> {
    return Promise.all(attempts.map((attempt) => this.#observe(this.#control(attempt))));
  }

  async cancel(attempt: AttemptKey, graceMs: number): Promise<void> {
    const control = this.#control(attempt);
    mkdirSync(control, { recursive: true, mode: 0o700 });
    if (endUnbegun(control, "cancelled -")) this.#tell(control);
    else if (isElsewhere(control, this.#place)) this.#tell(control);
    else if (beginCancel(control, graceMs)) this.#enforceDeadlines(control);
  }

  async setTimeout(attempt: AttemptKey, timeoutMs: number | null): Promise<void> {
    const control = this.#control(attempt);
    if (readExit(control) !== null || isElsewhere(control, this.#place)) return;
    mkdirSync(control, { recursive: true, mode: 0o700 });
    writeDeadline(control, timeoutMs);
    this.#enforceDeadlines(control);
  }

  alive(): Promise<readonly AttemptKey[]> {
    return findAlive(join(this.#options.dataDir, "attempts"), this.#place);
  }

  silence(attempt: AttemptKey) {
    return this.#watch.silence(this.#control(attempt));
  }

  capacity(): Capacity {
    return this.#options.capacity;
  }

  onChange(listener: (attempt: AttemptKey) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#starts.values());
    await this.#watch.close();
    this.#listeners.clear();
  }

  async #start(spec: AttemptSpec, control: string): Promise<NoRoom | null> {
    try {
      setForeignAside(this.#options.dataDir, spec, this.#place);
      // Another server has started it, and its end may be on disk already.
      if (isClaimed(control)) this.#tell(control);
      else await this.#begin(spec, control);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      // The box is short of something for a while: that is no fault of the job, whose start is tried again.
      if (isShortage(error)) {
        this.#hindrances.set(control, why);
        return isRoomless(error, control) ? { why } : null;
      }
      mkdirSync(control, { recursive: true, mode: 0o700 });
      if (endUnbegun(control, formatExit("failed-to-start", why))) this.#tell(control);
    }
    return null;
  }

  async #begin(spec: AttemptSpec, control: string): Promise<void> {
    const { dataDir, checkout, baseEnv, mounts } = this.#options;
    requireMounts(spec.mounts, mounts);
    const launcher = this.#launcher;
    mkdirSync(control, { recursive: true, mode: 0o700 });
    const owner = launcher.ownerOf(spec, control);
    await makeJobFolders(dataDir, spec, { checkout, owner });
    const outside = jobFolders(dataDir, spec);
    const inside = launcher.seenBy(spec, outside);
    const folder = startFolder({ outside: outside.work, inside: inside.work }, spec.cwd);
    const kept = launcher.kind === "bubblewrap" ? await keptSetup(dataDir, spec, owner) : null;
    // It may have been cancelled while its files were copied.
    if (isClaimed(control)) return;
    const values = await this.#secretsOf(spec);
    const environment = jobEnvironment(
      { ...spec, env: { ...spec.env, ...values } },
      inside,
      baseEnv,
    );
    const { launch, variables } = launcher.prepare({
      spec,
      outside,
      inside,
      folder,
      environment,
      owner,
      kept,
    });
    const file = createVariablesFile(control, {
      text: variables,
      hasSecrets: spec.secrets.length > 0,
    });
    try {
      this.#supervise(spec, control, { launch, variables: file.fd, logOwner: owner });
    } finally {
      file.close();
    }
  }

  /**
   * The secrets it asks for, as they are now. Sealed beside the attempt first: its log is never shown without a mask. Another
   * server may have died after it started a supervisor that only now claims the attempt, so its values stay among them.
   */
  async #secretsOf(spec: AttemptSpec): Promise<Record<string, string>> {
    if (spec.secrets.length === 0) return {};
    const { dataDir, secrets } = this.#options;
    const values = await secrets.reveal(spec.user, spec.secrets);
    const { secrets: path } = attemptFolder(dataDir, spec);
    const context = secretsContext(spec);
    const earlier = await secrets.kept(path, context);
    await secrets.keep(path, context, [...new Set([...earlier, ...values.values()])]);
    return Object.fromEntries(values);
  }

  #supervise(
    spec: AttemptSpec,
    control: string,
    parts: Pick<Supervision, "launch" | "variables" | "logOwner">,
  ): void {
    // It may have been cancelled while its files were copied.
    if (isClaimed(control)) return;
    writeDeadline(control, spec.timeoutMs);
    writeGuards(control, spec.limits);
    this.#cgroups.make(control, spec);
    createControl(control, "exit");
    const ended = spawnSupervisor(this.#programs, {
      ...parts,
      control,
      place: this.#place,
      maxLogBytes: spec.limits.maxLogBytes,
      launch: [...parts.launch, ...commandArguments(spec.command)],
      path: this.#options.baseEnv.PATH,
    });
    this.#hindrances.delete(control);
    this.#children.add(control);
    this.#watch.addChild(control);
    void ended.then(() => {
      this.#children.delete(control);
      this.#tell(control);
    });
  }

  async #observe(control: string): Promise<Observation> {
    const observation = await observeAttempt(control, this.#place);
    switch (observation.kind) {
      case "starting":
      case "running":
        this.#adopt(control);
        return observation;
      case "ended":
        this.#forget(control);
        return withPeak(observation, control);
      case "unknown":
        return this.#starts.has(control) || this.#children.has(control)
          ? { kind: "starting" }
          : { kind: "unknown", why: this.#hindrances.get(control) ?? observation.why };
    }
  }

  /** Takes over an attempt that another process started: goes on with what that one may have died before. */
  #adopt(control: string): void {
    if (this.#isClosed || this.#watch.has(control)) return;
    this.#watch.add(control);
    this.#cgroups.renew(control);
    resendTerm(control);
    this.#enforceDeadlines(control);
  }

  #enforceDeadlines(control: string): void {
    ensureWatchdog(this.#programs, control, this.#options.baseEnv.PATH);
  }

  #tell(control: string): void {
    if (this.#isClosed) return;
    if (readExit(control) !== null) this.#forget(control);
    const attempt = attemptOf(control);
    if (attempt === null) return;
    for (const listener of this.#listeners) listener(attempt);
  }

  #forget(control: string): void {
    this.#watch.end(control);
    this.#cgroups.remove(control);
  }

  #control(attempt: AttemptKey): string {
    return attemptFolder(this.#options.dataDir, attempt).control;
  }
}
