// What a person can do about a job that ended so.
import type { Outcome } from "@fetchml/protocol";

/** The next step, as a sentence; `null` where the last lines of the log, which follow, tell more than any. */
export function nextStep(id: number, outcome: Outcome): string | null {
  switch (outcome.kind) {
    case "exited":
    case "signalled":
      return null;
    case "timed-out":
      return `Give it more with "ml redo ${id} --timeout TIME", or let it save checkpoints and go on from them.`;
    case "cancelled":
    case "preempted":
      return `"ml redo ${id}" queues it again.`;
    case "failed-to-start":
      return `When that is mended, "ml redo ${id}" queues it again.`;
    case "setup":
      return `Mend "setup" in ml.toml, then "ml redo ${id} --fresh".`;
    case "host-oom":
      return outcome.limit_bytes === null
        ? `"ml redo ${id} --mem SIZE" asks for memory of its own, which others then do not get.`
        : `Ask for more with "ml redo ${id} --mem SIZE", or make it use less.`;
    case "disk-full":
      return outcome.limit_bytes === undefined
        ? `Ask the admin to make room ("fetchml gc"), then "ml redo ${id}".`
        : `Let it write less or remove what it no longer needs, or ask the admin for a larger max_disk; then "ml redo ${id}".`;
    case "no-output":
      return `If it was at work, let it print now and then, or give it longer with "ml redo ${id} --no-output TIME".`;
    case "lost":
      return `"ml redo ${id}" queues it again; with "retries" in ml.toml that happens by itself.`;
  }
}
