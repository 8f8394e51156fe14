// What the API says of a job, and what a job asks for.
import * as z from "zod/mini";
import { JOB_STATES, WAIT_REASONS } from "./job-state.ts";
import { jobNameProblem } from "./names.ts";
import { Outcome } from "./outcome.ts";
import { RETRY_CAUSES } from "./retry-cause.ts";
import { RemovedFiles } from "./retention.ts";

/** Epoch milliseconds. */
const Time = z.int().check(z.gte(0));

/** A job's name as a submitter may give it. */
export const JobName = z.string().check(
  z.refine((name) => jobNameProblem(name) === null, {
    error: (issue) =>
      `job name ${JSON.stringify(issue.input)} ${jobNameProblem(String(issue.input))}`,
  }),
);

/**
 * How a caller names a job: an id (`12`), an attempt (`12#2`), a name, `@` (my last job) or `@~N` (the N-th before it).
 * It is resolved on the server, so that one round trip does.
 */
export const JobRef = z.string().check(z.minLength(1), z.maxLength(80));

/** What a job needs of the box. */
export const Resources = z.object({
  /** Whole GPUs; 0 means none. */
  gpus: z.int().check(z.gte(0), z.lte(1024)),
  /** CPU cores; at least 1. */
  cpus: z.int().check(z.gte(1), z.lte(65_536)),
  /** Main memory in bytes; 0 means not said. */
  mem_bytes: z.int().check(z.gte(0)),
});

export type Resources = z.infer<typeof Resources>;

/** Text for the kernel, for which a NUL ends it: what follows would be dropped in silence. */
export const KernelText = z
  .string()
  .check(z.refine((text) => !text.includes("\0"), { error: "may hold no NUL" }));

/** The command of a job: an array runs as it is, a string through `sh -c` with `args` appended as `"$@"`. */
export const Command = z.union([
  z.object({ argv: z.array(KernelText).check(z.minLength(1), z.maxLength(4096)) }),
  z.object({
    shell: KernelText.check(z.minLength(1)),
    args: z.array(KernelText).check(z.maxLength(4096)),
  }),
]);

export type Command = z.infer<typeof Command>;

/** What runs in the project's root before the command, in the same sandbox. */
export const Setup = z.object({
  /** Runs through `sh -c`. */
  command: KernelText.check(z.minLength(1), z.maxLength(4096)),
  /**
   * Paths from the project's root: while their contents are the same, what the setup made is used again. `null`: the files
   * known to name dependencies, such as `uv.lock`, else the whole project.
   */
  key: z.nullable(
    z.array(KernelText.check(z.minLength(1), z.maxLength(1024))).check(z.maxLength(100)),
  ),
});

export type Setup = z.infer<typeof Setup>;

/** The part of a job that every role sees. Times are epoch milliseconds. */
export const Job = z.object({
  id: z.int(),
  name: z.string(),
  user: z.string(),
  state: z.enum(JOB_STATES),
  /** Why a queued job waits; `null` in every other state. */
  reason: z.nullable(z.enum(WAIT_REASONS)),
  ...Resources.shape,
  timeout_ms: z.nullable(z.int()),
  /** It is ended when it has written nothing for so long; `null` or missing: its own wish is none. */
  no_output_ms: z.optional(z.nullable(z.int())),
  /** How many further attempts a failed one may be followed by. */
  retries: z.int(),
  /** Number of the newest attempt; 0 before the first. */
  attempt: z.int(),
  created_at: Time,
  /** Not before this time will it start; `null` when any time does. */
  eligible_at: z.nullable(Time),
  started_at: z.nullable(Time),
  ended_at: z.nullable(Time),
  /** How its newest attempt ended; `null` before that, and for a job cancelled in the queue it is `cancelled`. */
  outcome: z.nullable(Outcome),
  /** Whether all that is left of it is kept until somebody unpins it. */
  pinned: z.boolean(),
});

export type Job = z.infer<typeof Job>;

/** The most memory that an attempt was seen to use. */
export const PeakMemory = z.object({
  /** Bytes of main memory. */
  peak_mem_bytes: z.int().check(z.gt(0)),
  /**
   * Of whom: `attempt`: all of it together, as its cgroup has counted, with the files that it had in memory; `process`: the largest of its
   * processes, as far as a look each second has seen them, so that the whole may have used more.
   */
  peak_mem_of: z.enum(["attempt", "process"]),
});

export type PeakMemory = z.infer<typeof PeakMemory>;

/** One start of a job. */
export const Attempt = z.object({
  number: z.int(),
  started_at: Time,
  ended_at: z.nullable(Time),
  /** UUIDs of the GPUs it was given. */
  gpu_uuids: z.array(z.string()),
  outcome: z.nullable(Outcome),
  /** Both missing until it has ended, and where nobody knows, as of one that lasted less than a second without a cgroup. */
  ...z.partial(PeakMemory).shape,
});

export type Attempt = z.infer<typeof Attempt>;

/** Where a project stood in Git when its snapshot was made. */
export const GitState = z.object({
  /** Id of the commit that was checked out; `null` before the first one. */
  commit: z.nullable(z.string().check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/))),
  /** `null` where none was checked out, as with a detached HEAD. */
  branch: z.nullable(z.string().check(z.minLength(1), z.maxLength(4096))),
  /**
   * Whether `git status` told of changes in what was sent, new files among them, whatever the project's own rules leave out
   * aside; `null` where Git could not tell.
   */
  dirty: z.nullable(z.boolean()),
});

export type GitState = z.infer<typeof GitState>;

/** The part of a job that only its owner and admins see. */
export const JobPrivate = z.object({
  command: Command,
  /** Folder in which it starts, relative to the project's root; empty means the root. */
  cwd: z.string(),
  env: z.record(z.string(), z.string()),
  /** Id of the snapshot it runs from; `null` when it has none. */
  snapshot: z.nullable(z.string()),
  /** After which ends of an attempt it is started again, while it has retries. */
  retry_on: z.array(z.enum(RETRY_CAUSES)),
  /** `null` when the project was in no Git work tree, or the submitter did not say. */
  git: z.nullable(GitState),
  /** Id of the job that it does again; `null` for a job of its own. */
  redo_of: z.nullable(z.int()),
  /** What runs before the command; `null`: nothing. */
  setup: z.nullable(Setup),
  /** Absolute paths of the box that it cannot do without. */
  mounts: z.array(z.string()),
  /** Names of the secrets of its user that it gets as variables. */
  secrets: z.array(z.string()),
});

export type JobPrivate = z.infer<typeof JobPrivate>;

/** One job with all that the caller may see of it. */
export const JobDetail = z.object({
  ...Job.shape,
  attempts: z.array(Attempt),
  /** Missing when the caller is neither the owner nor an admin. */
  private: z.optional(JobPrivate),
  /** How long it has written nothing, and for how long it may; missing unless half of that has passed. */
  silence: z.optional(z.object({ silent_ms: z.int(), limit_ms: z.int() })),
  /** Missing when nothing of it was removed. */
  removed: z.optional(RemovedFiles),
});

export type JobDetail = z.infer<typeof JobDetail>;
