// Methods that submit, show and change jobs.
import * as z from "zod/mini";
import {
  Command,
  GitState,
  Job,
  JobDetail,
  JobName,
  JobRef,
  KernelText,
  Resources,
  Setup,
} from "../job.ts";
import { JOB_STATES } from "../job-state.ts";
import { ENV_NAME } from "../names.ts";
import { Sha256 } from "../snapshot.ts";
import { SecretName } from "../secret-name.ts";
import { UserName } from "../user.ts";
import { RETRY_CAUSES } from "../retry-cause.ts";
import type { Method } from "./method.ts";

const timeout = z.nullable(z.int().check(z.gte(1000)));
const envName = z.string().check(
  z.regex(ENV_NAME, {
    error: "a variable's name holds letters, digits and '_', and starts with no digit",
  }),
);

/** All that a submitter says of a job. */
export const SubmitParams = z.object({
  name: JobName,
  command: Command,
  cwd: KernelText.check(z.maxLength(4096)),
  env: z.record(envName, KernelText),
  resources: Resources,
  timeout_ms: timeout,
  /** It is ended when it has written nothing for so long; `null` or missing: unless the admin says so. */
  no_output_ms: z.optional(timeout),
  retries: z.int().check(z.gte(0), z.lte(1000)),
  /** After which ends; default {@link DEFAULT_RETRY_ON}. */
  retry_on: z.optional(z.array(z.enum(RETRY_CAUSES)).check(z.maxLength(RETRY_CAUSES.length))),
  /** Not before this time; epoch milliseconds. */
  begin_at: z.nullable(z.int()),
  hold: z.boolean(),
  /** Id of a snapshot whose files this user has sent; `null` runs in an empty folder. */
  snapshot: z.nullable(Sha256),
  /** Where the project stood in Git; kept and shown with the job, and nothing depends on it. */
  git: z.optional(z.nullable(GitState)),
  /** Runs before the command; `null` or missing: nothing. */
  setup: z.optional(z.nullable(Setup)),
  /** Absolute paths of the box that the job cannot do without; the admin lists what there is. */
  mounts: z.optional(
    z.array(KernelText.check(z.startsWith("/"), z.maxLength(4096))).check(z.maxLength(100)),
  ),
  /** Names of the submitter's own secrets that it gets as variables. Default none. */
  secrets: z.optional(z.array(SecretName).check(z.maxLength(100))),
  /**
   * Chosen by the submitter, for example a random UUID. A second submit of the same user with the same word answers the
   * first one's job, so that a lost answer can be asked for again.
   */
  submission: z.optional(z.string().check(z.minLength(8), z.maxLength(64))),
});

export type SubmitParams = z.infer<typeof SubmitParams>;

/** A job that was queued. */
export const JobPosition = z.object({
  job: Job,
  /** How many queued jobs stand before it in the queue. */
  ahead: z.int(),
});

/** Why a job is as it is. */
export const WhyAnswer = z.object({
  job: Job,
  /** Sentences for a person, most telling first. */
  lines: z.array(z.string()),
  /** Ids of the jobs it waits for: those that hold what it needs, then those before it in the queue. */
  behind: z.array(z.int()),
  /** Last lines of its log when it has ended badly and the caller may see them. */
  log_tail: z.nullable(z.string()),
});

export type WhyAnswer = z.infer<typeof WhyAnswer>;

/** Jobs. */
export const jobMethods = {
  "job.submit": {
    summary: "Queue a job.",
    access: "member",
    params: SubmitParams,
    result: JobPosition,
  },
  "job.list": {
    summary: "List jobs, newest first.",
    access: "viewer",
    params: z.object({
      /** Also jobs that have ended. Default false. */
      all: z.optional(z.boolean()),
      /** Also other users' jobs. Default false. */
      everyone: z.optional(z.boolean()),
      user: z.optional(UserName),
      states: z.optional(z.array(z.enum(JOB_STATES))),
      /** Only jobs created at or after; epoch milliseconds. */
      since: z.optional(z.int()),
      /** At most this many, 1 to 1000. Default 100. */
      limit: z.optional(z.int().check(z.gte(1), z.lte(1000))),
      /** Only jobs with a smaller id: the next page. */
      before_id: z.optional(z.int()),
    }),
    result: z.object({ jobs: z.array(Job), next_before_id: z.nullable(z.int()) }),
  },
  "job.get": {
    summary: "Show one job with its attempts.",
    access: "viewer",
    params: z.object({ job: JobRef }),
    result: JobDetail,
  },
  "job.why": {
    summary: "Tell what a job waits for, or how and why it ended.",
    access: "viewer",
    params: z.object({ job: JobRef }),
    result: WhyAnswer,
  },
  "job.cancel": {
    summary: "Cancel jobs: queued ones end at once, running ones get TERM, grace, KILL.",
    access: "member",
    params: z.union([
      z.object({
        jobs: z.array(JobRef).check(z.minLength(1), z.maxLength(1000)),
        now: z.optional(z.boolean()),
      }),
      z.object({ all: z.literal(true), now: z.optional(z.boolean()) }),
    ]),
    result: z.object({
      /** With `all` the started ones and the first 500 queued ones. */
      jobs: z.array(Job),
      /** How many there were in all; an older server does not say. */
      cancelled_count: z.optional(z.int()),
    }),
  },
  "job.hold": {
    summary: "Keep a queued job from starting.",
    access: "member",
    params: z.object({ job: JobRef }),
    result: Job,
  },
  "job.release": {
    summary: "Let a held job start again.",
    access: "member",
    params: z.object({ job: JobRef }),
    result: Job,
  },
  "job.edit": {
    summary: "Change a queued job; an admin may extend the time of a running one.",
    access: "member",
    params: z.object({
      job: JobRef,
      gpus: z.optional(Resources.shape.gpus),
      cpus: z.optional(Resources.shape.cpus),
      mem_bytes: z.optional(Resources.shape.mem_bytes),
      timeout_ms: z.optional(timeout),
      retries: z.optional(SubmitParams.shape.retries),
      begin_at: z.optional(z.nullable(z.int())),
      /** Before all other queued jobs of its owner. */
      first: z.optional(z.literal(true)),
    }),
    result: Job,
  },
  "job.subscribe": {
    summary: "Get `job.changed` notifications: of the jobs named, or of all where none is.",
    access: "viewer",
    params: z.object({ jobs: z.optional(z.array(JobRef).check(z.maxLength(1000))) }),
    result: z.object({ subscription: z.int(), jobs: z.array(Job) }),
  },
} as const satisfies Record<string, Method>;
