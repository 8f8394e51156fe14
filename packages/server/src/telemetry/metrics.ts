// What the server counts and measures of itself while it runs.
import type { ErrorCode, Outcome } from "@fetchml/protocol";
import { Counter, Histogram } from "./metric-family.ts";

/** How an attempt ended, in one word: the kind of its outcome; what exited has succeeded or failed. */
export type EndWord = Exclude<Outcome["kind"], "exited"> | "succeeded" | "failed";

/** Every {@link EndWord}. */
const END_WORDS = Object.keys({
  succeeded: true,
  failed: true,
  signalled: true,
  "timed-out": true,
  cancelled: true,
  preempted: true,
  "failed-to-start": true,
  setup: true,
  "host-oom": true,
  "disk-full": true,
  "no-output": true,
  lost: true,
} satisfies Readonly<Record<EndWord, true>>);

/** Why a key is refused, as a rule. */
const KEY_REFUSALS = [
  "key-malformed",
  "key-invalid",
  "key-expired",
  "key-revoked",
] satisfies readonly ErrorCode[];

/** Seconds: from a call that reads a row to one that waits for a slow disk. */
const REQUEST_BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** Seconds: an fsync takes a tenth of a millisecond on good flash and a tenth of a second on a busy disk. */
const COMMIT_BOUNDS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];

/** Seconds: at once, some minutes, a night, a week. */
const WAIT_BOUNDS = [0.1, 1, 10, 60, 300, 900, 3600, 14_400, 43_200, 86_400, 604_800];

/** Counters and histograms, from the start of the server on. What is so now, such as the queue's length, is looked up when asked for. */
export class Metrics {
  readonly #waits = new Histogram(
    {
      name: "fetchml_job_wait_seconds",
      help: "Time from when a job could have started to the start of its attempt.",
    },
    WAIT_BOUNDS,
  );
  readonly #starts = new Counter(
    { name: "fetchml_attempts_started_total", help: "Attempts started." },
    [{}],
  );
  readonly #ends = new Counter(
    {
      name: "fetchml_attempts_ended_total",
      help: "Attempts ended, by outcome; exited with 0 is succeeded, with another code failed.",
    },
    END_WORDS.map((outcome) => ({ outcome })),
  );
  readonly #requests = new Histogram(
    {
      name: "fetchml_request_duration_seconds",
      help: "Time to answer a call, by method, from reading it to its durable result.",
    },
    REQUEST_BOUNDS,
  );
  readonly #requestsOf = new Map<string, (seconds: number) => void>();
  readonly #failures = new Counter({
    name: "fetchml_request_failures_total",
    help: "Calls answered with an error, by method and code.",
  });
  readonly #keyRefusals = new Counter(
    { name: "fetchml_authentication_failures_total", help: "Keys refused, by reason." },
    KEY_REFUSALS.map((reason) => ({ reason })),
  );
  readonly #commits = new Histogram(
    {
      name: "fetchml_commit_duration_seconds",
      help: "Time of a database commit, fsync included.",
    },
    COMMIT_BOUNDS,
  );

  /** An attempt was claimed, so long after its job could have started. */
  attemptStarted(waitMs: number): void {
    this.#starts.add();
    this.#waits.observe(waitMs / 1000);
  }

  /** An attempt ended. */
  attemptEnded(outcome: EndWord): void {
    this.#ends.add({ outcome });
  }

  /** A call was answered. @param method of the method table */
  answered(method: string, { ms, code }: { readonly ms: number; readonly code?: string }): void {
    let observe = this.#requestsOf.get(method);
    if (observe === undefined) {
      observe = this.#requests.member({ method });
      this.#requestsOf.set(method, observe);
    }
    observe(ms / 1000);
    if (code !== undefined) this.#failures.add({ method, code });
  }

  /** A key was refused. @param reason the error's code */
  keyRefused(reason: string): void {
    this.#keyRefusals.add({ reason });
  }

  /** The database has committed. */
  committed(ms: number): void {
    this.#commits.observe(ms / 1000);
  }

  /** All of it in the text format of Prometheus. */
  text(): string {
    return [
      this.#starts,
      this.#ends,
      this.#waits,
      this.#requests,
      this.#failures,
      this.#keyRefusals,
      this.#commits,
    ]
      .map((family) => family.text())
      .join("");
  }
}
