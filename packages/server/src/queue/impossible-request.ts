// Tells what of a request is more than the whole box has.
import { FetchmlError, formatSize, type Resources } from "@fetchml/protocol";
import { neverFits, type ResourceKind } from "../domain/pick-next.ts";
import type { Totals } from "./context.ts";

/**
 * Refuses what the idle box could not run.
 * @throws FetchmlError impossible-request
 */
export function refuseImpossible(resources: Resources, totals: Totals): void {
  const excess = excessOf(resources, totals);
  if (excess === null) return;
  throw new FetchmlError(
    "impossible-request",
    `This job could never start: it asks for ${excess}.\nAsk for less; "ml status" shows the box.`,
  );
}

/**
 * Refuses paths that the admin does not show to jobs: each must be a listed one or lie in one.
 * @throws FetchmlError impossible-request
 */
export function refuseUnlistedMounts(asked: readonly string[], { mounts = [] }: Totals): void {
  const unlisted = asked.find(
    (path) =>
      path.split("/").includes("..") || !mounts.some((mount) => `${path}/`.startsWith(`${mount}/`)),
  );
  if (unlisted === undefined) return;
  const offered = mounts.length === 0 ? "none" : `only ${mounts.join(", ")}`;
  throw new FetchmlError(
    "impossible-request",
    `This job asks for ${JSON.stringify(unlisted)} of the box, which shows ${offered} to jobs.\nAsk the admin to list it under "mounts" in the server's config.toml.`,
  );
}

/** What is asked for beyond all that the box has, as the end of a sentence; `null` when the idle box could run it. */
export function excessOf(resources: Resources, totals: Totals): string | null {
  const short = neverFits(resources, wholeBox(totals));
  if (short.length === 0) return null;
  return short
    .map((kind) => `${amountOf(kind, resources)} and the box has ${has(kind, totals)}`)
    .join("; for ");
}

/** All that the box has, as a request for it would say. */
export function wholeBox({ cpus, mem_bytes, gpu_uuids }: Totals): Resources {
  return { cpus, mem_bytes, gpus: gpu_uuids.length };
}

/** How much of a kind is asked for, in words: `2 GPUs`. */
export function amountOf(kind: ResourceKind, { cpus, mem_bytes, gpus }: Resources): string {
  switch (kind) {
    case "cpus":
      return cpus === 1 ? "1 CPU" : `${cpus} CPUs`;
    case "mem":
      return `${formatSize(mem_bytes)} of memory`;
    case "gpus":
      return gpus === 1 ? "1 GPU" : `${gpus} GPUs`;
  }
}

function has(kind: ResourceKind, totals: Totals): string {
  switch (kind) {
    case "cpus":
      return `${totals.cpus}`;
    case "mem":
      return formatSize(totals.mem_bytes);
    case "gpus":
      return totals.gpu_uuids.length === 0 ? "none" : `${totals.gpu_uuids.length}`;
  }
}
