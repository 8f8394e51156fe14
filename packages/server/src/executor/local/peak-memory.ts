// The most memory that each attempt was seen to use: as its cgroup counts it, else the largest of its processes.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { PeakMemory } from "@fetchml/protocol";
import type { Observation } from "../executor.ts";
import { cgroupOf, peakOfCgroup } from "../cgroup/attempt-cgroup.ts";
import { readInit, readJob } from "./attempt-records.ts";
import { readControl, writeControl } from "./control-files.ts";
import { findDescendants, isAlive, peakBytesOf } from "./process-identity.ts";

/** How often the processes of an attempt without a cgroup are looked at. */
const LOOK_MS = 1000;

/** A look reads a file of every process on the box: it may take a hundredth of a processor, no more. */
const REST = 100;

/** An end with what is known of its memory. */
export function withPeak<Ended extends Observation>(ended: Ended, control: string): Ended {
  const peak = readPeak(control);
  return peak === null ? ended : { ...ended, peak };
}

/** `control/peak`: "BYTES attempt" or "BYTES process", written when the attempt has ended. `null` where nobody knows. */
export function readPeak(control: string): PeakMemory | null {
  // Most have none, and a missing file is cheaper to find missing than to open.
  if (!existsSync(join(control, "peak"))) return null;
  const match = /^([1-9]\d{0,15}) (attempt|process)$/.exec(
    readControl(control, "peak")?.text ?? "",
  );
  if (match === null) return null;
  return {
    peak_mem_bytes: Number(match[1]),
    peak_mem_of: match[2] === "attempt" ? "attempt" : "process",
  };
}

/**
 * Looks at living attempts that have no cgroup. The kernel keeps the peak of each process for as long as that lives, so a server
 * after this one misses nothing of those that live on. The peaks of several are not added: they share memory, and need
 * not have come at the same time.
 */
export class PeakWatch {
  readonly #options: { readonly hasCgroups: boolean; readonly lookMs: number };
  /** Largest so far, by control folder; 0 before the first look. */
  readonly #watched = new Map<string, number>();
  #timer: ReturnType<typeof setInterval> | null = null;
  #restUntil = 0;

  constructor(options: { readonly hasCgroups: boolean; readonly lookMs?: number | undefined }) {
    this.#options = { hasCgroups: options.hasCgroups, lookMs: options.lookMs ?? LOOK_MS };
  }

  /** Begins to look at an attempt. */
  add(control: string): void {
    if (this.#options.hasCgroups && cgroupOf(control) !== null) return;
    this.#watched.set(control, 0);
    this.#timer ??= setInterval(() => this.#lookAgain(), this.#options.lookMs).unref();
  }

  /** Looks now. */
  look(): void {
    const roots = new Map(
      [...this.#watched.keys()].map((control) => [control, rootsOf(control)] as const),
    );
    const families = findDescendants([...roots.values()].flat());
    for (const [control, pids] of roots) {
      const peaks = pids.flatMap((pid) => families.get(pid) ?? []).map(peakBytesOf);
      this.#watched.set(control, Math.max(this.#watched.get(control) ?? 0, ...peaks));
    }
  }

  /** Keeps what is known of an attempt that has ended, before its cgroup goes; also of one that was not watched. */
  end(control: string): void {
    const largest = this.#watched.get(control) ?? 0;
    this.#remove(control);
    if (largest === 0 && !this.#options.hasCgroups) return;
    // Its supervisor has written what the cgroup counted, unless that was killed.
    if (readPeak(control) !== null) return;
    const counted = this.#options.hasCgroups ? peakOfCgroup(control) : null;
    try {
      if (counted !== null) writeControl(control, "peak", `${counted} attempt`);
      else if (largest > 0) writeControl(control, "peak", `${largest} process`);
    } catch {
      // The disk is full, or the folder is gone: then nothing is said of it.
    }
  }

  /** Safe twice. */
  close(): void {
    for (const control of this.#watched.keys()) this.#remove(control);
  }

  #lookAgain(): void {
    if (performance.now() < this.#restUntil) return;
    const before = process.cpuUsage();
    this.look();
    // Not the time that passed: on a busy box that is mostly a wait for a processor.
    const { user, system } = process.cpuUsage(before);
    this.#restUntil = performance.now() + ((user + system) / 1000) * REST;
  }

  #remove(control: string): void {
    this.#watched.delete(control);
    if (this.#watched.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}

/** The job's first process, and that of its sandbox, to which those fall whose parents have gone. */
function rootsOf(control: string): number[] {
  return [readJob(control), readInit(control)].flatMap((root) =>
    root !== null && isAlive(root) ? [root.pid] : [],
  );
}
