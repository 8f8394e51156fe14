// `fetchml drain` and `fetchml resume`: out of service, and back.
import { EXIT } from "@fetchml/protocol";
import { callAsAdmin } from "./admin-call.ts";
import type { Invocation } from "./invocation.ts";
import { printJson, say } from "./output.ts";

/** `fetchml drain [--gpu UUID]`. */
export async function drain({ flags }: Invocation): Promise<number> {
  const gpu = gpuOf(flags["gpu"]);
  const drained = await callAsAdmin(flags, "server.drain", gpu);
  if (flags["json"] === true) printJson(drained);
  const what =
    gpu.gpu === undefined ? "Nothing new starts on the box" : `GPU ${gpu.gpu} is given to no job`;
  say(
    `${what} until "fetchml resume${gpu.gpu === undefined ? "" : ` --gpu ${gpu.gpu}`}", also after a restart. ${goOn(drained.running)}`,
  );
  return EXIT.ok;
}

/** `fetchml resume [--gpu UUID]`. */
export async function resume({ flags }: Invocation): Promise<number> {
  const gpu = gpuOf(flags["gpu"]);
  const drained = await callAsAdmin(flags, "server.resume", gpu);
  if (flags["json"] === true) printJson(drained);
  if (gpu.gpu !== undefined) say(`GPU ${gpu.gpu} is given to jobs again.`);
  if (drained.box) say('The box is drained: nothing new starts until "fetchml resume".');
  else if (gpu.gpu === undefined) say("Jobs start again.");
  if (drained.gpus.length > 0) say(`Still drained: ${drained.gpus.join(", ")}.`);
  return EXIT.ok;
}

function gpuOf(flag: string | boolean | undefined): { gpu?: string } {
  return typeof flag === "string" ? { gpu: flag } : {};
}

function goOn(running: number): string {
  if (running === 0) return "No job is running.";
  return running === 1 ? "1 job goes on." : `${running} jobs go on.`;
}
