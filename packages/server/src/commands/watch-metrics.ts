// Counts what the rooms of a running server tell.
import type { Outcome } from "@fetchml/protocol";
import type { News } from "../queue/news.ts";
import type { Database } from "../store/database.ts";
import type { EndWord, Metrics } from "../telemetry/metrics.ts";

/** Counts commits, starts and ends from now on. */
export function watchMetrics(
  metrics: Metrics,
  from: { readonly db: Database; readonly news: News },
) {
  from.db.onCommit = (ms) => metrics.committed(ms);
  from.news.listen((item) => {
    if (item.kind === "attempt-started") metrics.attemptStarted(item.waitMs);
    if (item.kind === "attempt-ended") metrics.attemptEnded(wordOf(item.outcome));
  });
}

function wordOf(outcome: Outcome): EndWord {
  if (outcome.kind !== "exited") return outcome.kind;
  return outcome.exit_code === 0 ? "succeeded" : "failed";
}
