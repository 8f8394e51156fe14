// The admin's bounds on what a job may take: a job may ask for less, never for more.

/** What the config file says. `null`: no bound. */
export interface GuardRules {
  /** Wall time of a job that asks for none. */
  readonly defaultTimeMs: number | null;
  /** Wall time that no job may go beyond. */
  readonly maxTimeMs: number | null;
  /** How long a job may write nothing before it is ended. */
  readonly noOutputMs: number | null;
  /** Bytes of one log on disk; of a longer one the middle is cut out. */
  readonly maxLogBytes: number | null;
  /** Bytes of the folders of one attempt, its job's checkpoints among them. */
  readonly maxDiskBytes: number | null;
  /** Processes and threads of one attempt at the same time. */
  readonly processes: number;
}

/** The bounds of one attempt, beside its wall time. */
export interface AttemptLimits {
  readonly noOutputMs: number | null;
  readonly maxLogBytes: number | null;
  readonly maxDiskBytes: number | null;
  readonly processes: number;
}

/**
 * What counts where the config file says nothing: a log of 1 GiB, and far more processes than a training with many loaders has;
 * a fork bomb ends there instead of at the limit of the box.
 */
export const DEFAULT_GUARDS: GuardRules = {
  defaultTimeMs: null,
  maxTimeMs: null,
  noOutputMs: null,
  maxLogBytes: 1024 ** 3,
  maxDiskBytes: null,
  processes: 32_768,
};

/** The wall time that a job gets: what it asks for, else the default, and never more than the most. */
export function boundedTime(asked: number | null, rules: GuardRules): number | null {
  return least(asked ?? rules.defaultTimeMs, rules.maxTimeMs);
}

/** What one attempt is held to. @param noOutputMs what its job asks for */
export function limitsOf(noOutputMs: number | null, rules: GuardRules): AttemptLimits {
  const { maxLogBytes, maxDiskBytes, processes } = rules;
  return { noOutputMs: least(noOutputMs, rules.noOutputMs), maxLogBytes, maxDiskBytes, processes };
}

/** The smaller of two bounds, of which `null` is none. */
export function least(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
