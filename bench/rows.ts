// All rows, in the order of the table of goals.
import { cancelLatency } from "./cancel-latency.ts";
import { crowd } from "./crowd.ts";
import { growth } from "./growth.ts";
import { logSpeed } from "./log-speed.ts";
import { noOpJobs } from "./no-op-jobs.ts";
import { queueTime } from "./queue-time.ts";
import { restartTime } from "./restart-time.ts";
import type { Row } from "./row.ts";
import { sandboxCost } from "./sandbox-cost.ts";
import { serverMemory } from "./server-memory.ts";
import { snapshotTransfer } from "./snapshot-transfer.ts";
import { startLatency } from "./start-latency.ts";
import { statusTime } from "./status-time.ts";
import { submitRate } from "./submit-rate.ts";

/** First the goals, then what stands beside them. */
export const ROWS: readonly Row[] = [
  statusTime,
  queueTime,
  submitRate,
  startLatency,
  noOpJobs,
  cancelLatency,
  logSpeed,
  serverMemory,
  restartTime,
  sandboxCost,
  crowd,
  growth,
  snapshotTransfer,
];
