// `GET /metrics`: what the server counts and what is so now, for Prometheus.
import { PRODUCT_VERSION } from "@fetchml/protocol";
import { authorize } from "../auth/authorize.ts";
import { readGauges } from "../queue/gauges.ts";
import { Gauge, type Labels } from "../telemetry/metric-family.ts";
import { identify, type BunServer, type Door } from "./door.ts";
import { EVERY_ANSWER } from "./http-answer.ts";

/** Answers every role: there is nothing in it that a viewer may not see, and no names of users or jobs. */
export async function sendMetrics(
  door: Door,
  request: Request,
  server: BunServer,
): Promise<Response> {
  const { principal } = await identify(door, request, server);
  authorize(principal, "viewer", "GET /metrics");
  const { ctx } = door;
  const gauges = await gaugesText(door);
  return new Response(gauges + (ctx.metrics?.text() ?? ""), {
    headers: { ...EVERY_ANSWER, "content-type": "text/plain; version=0.0.4; charset=utf-8" },
  });
}

async function gaugesText({ ctx, sockets }: Door): Promise<string> {
  const { queue, box, startedAt } = ctx;
  const now = await readGauges(queue);
  const disk = queue.room.look();
  const gpus = new Map<string, number>([
    ["free", 0],
    ["busy", 0],
    ["outside", 0],
    ["drained", 0],
  ]);
  const others = queue.gpuUse?.();
  for (const { uuid } of box.gpus()) {
    const state = gpuState(uuid, others?.has(uuid) === true, now);
    gpus.set(state, (gpus.get(state) ?? 0) + 1);
  }
  return [
    gauge("build_info", "The server's version.", [[{ version: PRODUCT_VERSION }, 1]]),
    gauge("start_time_seconds", "When the server started, since the epoch.", startedAt / 1000),
    gauge("jobs", "Jobs that have not ended, by what they do.", [
      [{ state: "waiting" }, now.waiting],
      [{ state: "held" }, now.held],
      [{ state: "running" }, now.alive],
    ]),
    gauge("cpus", "CPU cores that jobs may use.", queue.totals.cpus),
    gauge("cpus_free", "CPU cores that no job has asked for.", now.cpusFree),
    gauge("memory_bytes", "Memory that jobs may use.", queue.totals.mem_bytes),
    gauge("memory_free_bytes", "Memory that no job has asked for.", now.memFreeBytes),
    gauge("gpus", "GPUs, by who has them.", labelled("state", gpus)),
    gauge("websocket_connections", "Open WebSocket connections.", sockets.size),
    gauge("disk_size_bytes", "Size of the data folder's filesystem.", disk.size_bytes),
    gauge("disk_free_bytes", "What is free there.", disk.free_bytes),
    gauge("disk_reserve_bytes", "With less free, nothing new is taken.", disk.reserve_bytes),
    gauge(
      "resident_memory_bytes",
      "Memory of the server, without its jobs.",
      process.memoryUsage.rss(),
    ),
  ].join("");
}

function gpuState(
  uuid: string,
  isOutside: boolean,
  now: { readonly busyGpus: ReadonlySet<string>; readonly drainedGpus: ReadonlySet<string> },
): string {
  if (now.busyGpus.has(uuid)) return "busy";
  if (isOutside) return "outside";
  return now.drainedGpus.has(uuid) ? "drained" : "free";
}

function gauge(
  name: string,
  help: string,
  value: number | readonly (readonly [Labels, number])[],
): string {
  return new Gauge({ name: `fetchml_${name}`, help }, value).text();
}

function labelled(
  name: string,
  values: ReadonlyMap<string, number>,
): readonly (readonly [Labels, number])[] {
  return [...values].map(([value, count]) => [{ [name]: value }, count] as const);
}
