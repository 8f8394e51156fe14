// Takes the box, or one GPU of it, out of service: what runs goes on, nothing new starts.
import { FetchmlError } from "@fetchml/protocol";
import { deleteDrain, drained, insertDrain, type DrainTarget } from "../store/drains.ts";
import type { QueueContext } from "./context.ts";

/** What is out of service. */
export interface DrainView {
  readonly box: boolean;
  /** Sorted. */
  readonly gpuUuids: readonly string[];
}

/**
 * Takes something out of service, or puts it into service again. It holds across restarts.
 *
 * @param gpu a UUID; `undefined` means the whole box
 * @throws FetchmlError impossible-request when the box has no such GPU
 */
export function setDrained(
  { db, clock, totals, news }: QueueContext,
  gpu: string | undefined,
  { isDrained, by }: { readonly isDrained: boolean; readonly by: string },
): DrainView {
  const target: DrainTarget = gpu === undefined ? "box" : { gpu };
  // A GPU that is no longer in the box can be put back all the same; with the server stopped nobody knows the GPUs.
  const isKnown = totals.cpus === 0 || gpu === undefined || totals.gpu_uuids.includes(gpu);
  if (isDrained && !isKnown) {
    throw noSuchGpu(gpu, totals.gpu_uuids);
  }
  if (isDrained) insertDrain(db, target, { since: clock.now(), by });
  else deleteDrain(db, target);
  db.afterCommit(() => news.publish({ kind: "capacity-changed" }));
  return drainView({ db });
}

/** What is out of service now. */
export function drainView({ db }: Pick<QueueContext, "db">): DrainView {
  const { box, gpuUuids } = drained(db);
  return { box, gpuUuids: [...gpuUuids].toSorted() };
}

function noSuchGpu(gpu: string, uuids: readonly string[]): FetchmlError {
  const which =
    uuids.length === 0 ? "It gives no GPU to jobs." : `It has ${uuids.slice(0, 8).join(", ")}.`;
  return new FetchmlError("impossible-request", `The box has no GPU ${gpu}.\n${which}`);
}
