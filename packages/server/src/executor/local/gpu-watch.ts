// Watches who else uses the box's GPUs, so that jobs do not get those.
import { readFileSync } from "node:fs";
import type { AttemptKey } from "../../domain/attempt-key.ts";
import type { GpuProcess, GpuUse } from "../../domain/gpu-use.ts";
import type { Log } from "../../telemetry/log.ts";
import { askGpuProcesses, type GpuProcessLine } from "./gpu-processes.ts";
import { ownProcesses } from "./own-processes.ts";
import { accountOfProcess, findProcess } from "./process-identity.ts";

/** What a watch is built from. */
export interface GpuWatchOptions {
  readonly dataDir: string;
  /** UUIDs of the GPUs that jobs get; without one nothing is watched. */
  readonly gpuUuids: readonly string[];
  /** The attempts that run now. */
  readonly alive: () => Promise<readonly AttemptKey[]>;
  readonly log: Log;
  /** Called when a GPU has come into use by others, or is free of them. */
  readonly onChange: () => void;
  /** Name or path of `nvidia-smi`. */
  readonly program?: string;
  /** Time between two looks at the least. Default 10 s. */
  readonly everyMs?: number;
  /** How long an answer may take. Default 20 s: without persistence mode the driver starts anew for each question. */
  readonly patienceMs?: number;
}

const EVERY_MS = 10_000;
const PATIENCE_MS = 20_000;
/** A driver that needs long is asked less often: a fifth of the time at most. */
const REST = 4;

/**
 * While the driver fails or hangs, what was seen last stands, and nothing waits for it. {@link close} leaves nothing behind but
 * what a wedged driver holds.
 */
export class GpuWatch {
  readonly #options: GpuWatchOptions;
  readonly #path: string | null;
  #use: GpuUse = new Map();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #complaint: string | null = null;
  /** What the last answer told of that is no living process of this box. */
  #unseen: ReadonlySet<string> = new Set();
  #isClosed = false;

  constructor(options: GpuWatchOptions) {
    this.#options = options;
    const { gpuUuids, program = "nvidia-smi" } = options;
    this.#path = gpuUuids.length === 0 ? null : Bun.which(program);
  }

  /** Who else uses the GPUs, as it was seen last. */
  get use(): GpuUse {
    return this.#use;
  }

  /** Looks once, then again and again. Resolves after the first look; never rejects. */
  async start(): Promise<void> {
    if (this.#path === null || this.#isClosed) return;
    const { everyMs = EVERY_MS } = this.#options;
    const began = performance.now();
    let asked = this.#look(this.#path);
    // One that has ended while the driver was asked is nobody's any more. Only what it still tells of then is there.
    if (await asked.isUnsure) {
      await asked.gone;
      if (!this.#isClosed) asked = this.#look(this.#path);
      await asked.isUnsure;
    }
    const pauseMs = Math.max(everyMs, (performance.now() - began) * REST);
    // Not before the last one is gone: a wedged driver would gather them.
    void asked.gone.then(() => this.#later(pauseMs));
  }

  /** Safe twice. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #later(delayMs: number): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.start(), delayMs);
  }

  /** Asks the driver. `isUnsure` never rejects. */
  #look(path: string): { readonly isUnsure: Promise<boolean>; readonly gone: Promise<unknown> } {
    const asked = this.#ask(path);
    return { isUnsure: this.#see(asked), gone: asked?.gone ?? Promise.resolve() };
  }

  #ask(path: string): ReturnType<typeof askGpuProcesses> | null {
    try {
      return askGpuProcesses(path, this.#options.patienceMs ?? PATIENCE_MS);
    } catch (error) {
      // No process could be started.
      this.#complain(String(error));
      return null;
    }
  }

  async #see(asked: ReturnType<typeof askGpuProcesses> | null): Promise<boolean> {
    if (asked === null) return false;
    try {
      const answered = await asked.answer;
      if (answered.kind === "answered") return await this.#take(answered.lines);
      this.#complain(answered.why);
    } catch (error) {
      // The attempts could not be told.
      this.#complain(String(error));
    }
    return false;
  }

  /** @returns whether something is told of that is no living process, and was not told of before. */
  async #take(lines: readonly GpuProcessLine[]): Promise<boolean> {
    const { dataDir, alive, gpuUuids, onChange } = this.#options;
    this.#complaint = null;
    const isOwn = ownProcesses(dataDir, lines.length === 0 ? [] : await alive());
    const others = lines.filter((line) => gpuUuids.includes(line.gpuUuid) && !isOwn(line.pid));
    // After the look at whose they are: what has died before that was nobody's. Those of another PID namespace are never seen.
    const unseen = new Set(others.filter(({ pid }) => findProcess(pid) === null).map(keyOf));
    const isNew = (line: GpuProcessLine) =>
      unseen.has(keyOf(line)) && !this.#unseen.has(keyOf(line));
    const use = new Map<string, GpuProcess[]>();
    for (const line of others) {
      if (isNew(line)) continue;
      use.set(line.gpuUuid, [...(use.get(line.gpuUuid) ?? []), processOf(line)]);
    }
    const isUnsure = others.some(isNew);
    this.#unseen = unseen;
    const before = keysOf(this.#use);
    this.#use = use;
    if (keysOf(use) !== before && !this.#isClosed) onChange();
    return isUnsure;
  }

  /** Once, and again only after it has worked or says something else. */
  #complain(why: string): void {
    if (this.#complaint === why || this.#isClosed) return;
    this.#complaint = why;
    this.#options.log.warn("gpu-use-unknown", { why, next: "GPUs stay as they were seen last" });
  }
}

function keyOf({ gpuUuid, pid }: GpuProcessLine): string {
  return `${gpuUuid} ${pid}`;
}

function keysOf(use: GpuUse): string {
  return [...use.keys()].toSorted().join(" ");
}

function processOf({ pid, memoryBytes }: GpuProcessLine): GpuProcess {
  const uid = accountOfProcess(pid);
  return {
    pid,
    user: uid === null ? null : nameOfAccount(uid),
    name: textOf(`/proc/${pid}/comm`)?.trim() ?? null,
    memory_bytes: memoryBytes,
  };
}

function nameOfAccount(uid: number): string {
  const accounts = (textOf("/etc/passwd") ?? "").split("\n").map((line) => line.split(":"));
  return accounts.find((account) => account[2] === String(uid))?.[0] ?? String(uid);
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
