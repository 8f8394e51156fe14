// Calls that take the box or a GPU out of service, for the admin on the box.
import { actorOf, audited } from "../../auth/audited.ts";
import { setDrained } from "../../queue/drain.ts";
import { jobsAlive } from "../../queue/usage.ts";
import type { RpcContext } from "../context.ts";
import type { Caller, Handlers } from "./handler.ts";

/** Handlers of the calls about what is out of service. */
export const drainHandlers: Handlers<"server.drain" | "server.resume"> = {
  "server.drain": (ctx, caller, { gpu }) => change(ctx, caller, { gpu, isDrained: true }),
  "server.resume": (ctx, caller, { gpu }) => change(ctx, caller, { gpu, isDrained: false }),
};

function change(
  { queue }: RpcContext,
  { principal, address }: Caller,
  { gpu, isDrained }: { readonly gpu: string | undefined; readonly isDrained: boolean },
) {
  const act = {
    ...actorOf(principal, address),
    action: isDrained ? "server.drain" : "server.resume",
    target: gpu ?? "box",
  };
  return audited(queue, act, () => {
    const { box, gpuUuids } = setDrained(queue, gpu, { isDrained, by: principal.user });
    return { box, gpus: [...gpuUuids], running: jobsAlive(queue.db).length };
  });
}
