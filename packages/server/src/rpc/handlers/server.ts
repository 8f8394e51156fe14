// Calls about the server and the caller.
import { PRODUCT_VERSION, PROTOCOL_VERSION, type WhoAmI } from "@fetchml/protocol";
import type { Principal } from "../../domain/principal.ts";
import { viewQueue } from "../../queue/look.ts";
import { shownJob } from "../../queue/shown-job.ts";
import { freeOf } from "../../queue/usage.ts";
import { openRpcDocument } from "../openrpc.ts";
import type { Handlers } from "./handler.ts";

/** Handlers of the calls about the server and the caller. */
export const serverHandlers: Handlers<
  "server.status" | "server.limits" | "user.whoami" | "rpc.discover"
> = {
  "server.status": async ({ queue, box, startedAt }, { principal }) => {
    const view = await viewQueue(queue);
    const free = freeOf(queue.totals, { ...view, others: queue.gpuUse?.() });
    const holders = new Map(
      view.alive.flatMap(({ row, gpu_uuids }) => gpu_uuids.map((uuid) => [uuid, row.id] as const)),
    );
    return {
      server: {
        version: PRODUCT_VERSION,
        protocol_version: PROTOCOL_VERSION,
        started_at: startedAt,
        now: queue.clock.now(),
        sandbox: box.sandbox,
        cgroups: box.cgroups,
      },
      me: whoIs(principal),
      box: {
        cpus: queue.totals.cpus,
        cpus_free: free.cpus,
        mem_bytes: queue.totals.mem_bytes,
        mem_bytes_free: free.mem_bytes,
        gpus: box.gpus().map((gpu) => {
          const jobId = holders.get(gpu.uuid) ?? null;
          // Of a process that cannot be looked up nobody knows that it is not the job's.
          const others = (queue.gpuUse?.().get(gpu.uuid) ?? []).filter(
            ({ name }) => jobId === null || name !== null,
          );
          return {
            ...gpu,
            job_id: jobId,
            used_by_others: others.length > 0,
            other_processes: others.map((each) => ({ ...each })),
            drained: view.drained.gpuUuids.has(gpu.uuid),
          };
        }),
        drained: view.drained.box,
        disk: queue.room.look(),
      },
      counts: { queued: view.queuedCount, running: view.running.length },
      running: view.running.map((job) => shownJob(principal, job)),
      queued: view.queued.map((job) => shownJob(principal, job)),
    };
  },

  "server.limits": async ({ snapshots: { limits } }) => ({
    snapshot: {
      max_size_bytes: limits.totalBytes,
      max_file_size_bytes: limits.blobBytes,
      max_files: limits.entries,
    },
  }),

  "user.whoami": async (_, { principal }) => whoIs(principal),

  "rpc.discover": async () => openRpcDocument(),
};

function whoIs(principal: Principal): WhoAmI {
  if (principal.kind === "local") {
    const { user } = principal;
    return { user, role: "admin", key_id: null, key_label: null, key_expires_at: null };
  }
  return {
    user: principal.user,
    role: principal.role,
    key_id: principal.keyId,
    key_label: principal.keyLabel,
    key_expires_at: principal.keyExpiresAt,
  };
}
