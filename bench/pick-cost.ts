// Lets a queue run for a while and tells what a job costs from pick to end.
import { readFileSync } from "node:fs";
import type { BenchBox } from "./bench-box.ts";
import type { RawSocket } from "./raw-socket.ts";

/** What a job costs while the queue runs. */
export interface PickCost {
  /** Time that passes, two jobs at a time. */
  readonly wallMs: number;
  /** Processor time of the server, without its children. */
  readonly serverMs: number;
}

/** Opens a drained queue for so long. What runs at the end of that comes to its end later. */
export async function pickCost(box: BenchBox, socket: RawSocket, forMs: number): Promise<PickCost> {
  const before = await queued(socket);
  const cpuBefore = processorMs(box.pid);
  const begunAt = performance.now();
  await box.admin(["resume"]);
  await Bun.sleep(forMs);
  const done = Math.max(1, before - (await queued(socket)));
  const wallMs = (performance.now() - begunAt) / done;
  const serverMs = (processorMs(box.pid) - cpuBefore) / done;
  await box.admin(["drain"]);
  return { wallMs, serverMs };
}

/** Jobs that wait. */
async function queued(socket: RawSocket): Promise<number> {
  const text = JSON.stringify(await socket.call("server.status", {}));
  return Number(/"counts":\{"queued":(\d+)/.exec(text)?.[1]);
}

/** Processor time of a process until now, which Linux tells in ticks of 10 ms. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
