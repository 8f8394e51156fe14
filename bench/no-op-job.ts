// Jobs that do nothing, as calls.
import { requestText } from "./raw-socket.ts";

/** What is submitted; the defaults of `ml queue` but for the command and the empty folder. */
export function submission(argv: readonly string[], cpus = 1): Record<string, unknown> {
  return {
    name: "measured",
    command: { argv },
    cwd: "",
    env: {},
    resources: { gpus: 0, cpus, mem_bytes: 0 },
    timeout_ms: null,
    retries: 0,
    begin_at: null,
    hold: false,
    snapshot: null,
  };
}

/** So many submits as frames. */
export function* submitFrames(count: number): Generator<string> {
  const frame = requestText("job.submit", submission(["true"]));
  for (let each = 0; each < count; each++) yield frame;
}
