// Runs one job to its end, and fills the box with one that does not end.
import { SLOTS } from "./bench-box.ts";
import { submission } from "./no-op-job.ts";
import { openRawSocket, type RawSocket } from "./raw-socket.ts";

/** Submits a job that does nothing and waits for its end; answers its id. */
export async function runJob(url: string, apiKey: string): Promise<number> {
  const socket = await openRawSocket(url, apiKey);
  try {
    const id = await submit(socket, submission(["true"]));
    await untilState(socket, id, ["succeeded"]);
    return id;
  } finally {
    socket.close();
  }
}

/** Submits a job that takes every CPU of the box, so that what is queued after it waits. */
export async function fillBox(url: string, apiKey: string): Promise<number> {
  const socket = await openRawSocket(url, apiKey);
  try {
    const id = await submit(socket, submission(["sleep", "100000"], SLOTS));
    await untilState(socket, id, ["running"]);
    return id;
  } finally {
    socket.close();
  }
}

/** Submits; answers the job's id. */
export async function submit(socket: RawSocket, params: unknown): Promise<number> {
  const result = await socket.call("job.submit", params);
  const id = /"job":\{"id":(\d+)/.exec(JSON.stringify(result))?.[1];
  return Number(id);
}

/** Waits until a job is in one of these states. @throws Error after 60 s */
export async function untilState(
  socket: RawSocket,
  id: number,
  states: readonly string[],
): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const text = JSON.stringify(await socket.call("job.get", { job: String(id) }));
    const state = /"state":"([a-z-]+)"/.exec(text)?.[1] ?? "";
    if (states.includes(state)) return;
    if (Date.now() > deadline) throw new Error(`job ${id} stays ${state}: ${text.slice(0, 500)}`);
    await Bun.sleep(5);
  }
}
