// What an outcome means for the end of the job and for the exit code of the command that waited for it.
import type { FinalState } from "./job-state.ts";
import type { Outcome } from "./outcome.ts";

/** The final state of a job whose last attempt ended so. */
export function finalStateOf(outcome: Outcome): FinalState {
  switch (outcome.kind) {
    case "exited":
      return outcome.exit_code === 0 ? "succeeded" : "failed";
    case "cancelled":
      return "cancelled";
    case "timed-out":
      return "timed-out";
    case "lost":
      return "lost";
    case "signalled":
    case "preempted":
    case "failed-to-start":
    case "setup":
    case "host-oom":
    case "disk-full":
    case "no-output":
      return "failed";
  }
}

/** Exit code of `timeout(1)` for a command that ran out of time. */
const EXIT_TIMED_OUT = 124;
/** Exit code that says the job never got as far as its own command. */
const EXIT_NOT_STARTED = 125;

/**
 * The exit code of `ml run`, `ml wait` and `ml logs -f`: the job's own, 128+N for a signal, 124 for timed out, 125 when it
 * could not be started or its setup failed, 1 for cancelled, lost and every end that FetchML brought about.
 */
export function exitCodeOf(outcome: Outcome): number {
  switch (outcome.kind) {
    case "exited":
      return outcome.exit_code;
    case "signalled":
      // 128 alone for a name unknown here, for then the number is unknown too.
      return 128 + 1 + SIGNALS.indexOf(outcome.signal.replace(/^SIG/, ""));
    case "timed-out":
      return EXIT_TIMED_OUT;
    case "failed-to-start":
    case "setup":
      return EXIT_NOT_STARTED;
    case "host-oom":
      return 128 + 9;
    case "cancelled":
    case "preempted":
    case "disk-full":
    case "no-output":
    case "lost":
      return 1;
  }
}

/** The signal for which an exit code above 128 mostly stands, such as `SIGSEGV` for 139; `null` where there is none. */
export function likelySignal(exitCode: number): string | null {
  const name = SIGNALS[exitCode - 129];
  return name === undefined ? null : `SIG${name}`;
}

/** Signals of Linux in the order of their numbers, from 1; the same on x64 and arm64 (signal(7)). */
const SIGNALS = (
  "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT " +
  "CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
).split(" ");
