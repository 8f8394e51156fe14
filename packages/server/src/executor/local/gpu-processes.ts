// The processes that use GPUs now, as the NVIDIA driver tells them.

/** One line of what the driver tells. */
export interface GpuProcessLine {
  readonly gpuUuid: string;
  /** As the box counts, not a container on it. */
  readonly pid: number;
  /** `null` where the driver does not tell. */
  readonly memoryBytes: number | null;
}

/** What asking gave: the lines, or why there are none. */
export type GpuAnswer =
  | { readonly kind: "answered"; readonly lines: readonly GpuProcessLine[] }
  | { readonly kind: "failed"; readonly why: string };

const QUERY = [
  "--query-compute-apps=gpu_uuid,pid,used_memory",
  "--format=csv,noheader,nounits",
] as const;
const MEBIBYTE = 1_048_576;

/**
 * Asks `nvidia-smi` once. A driver that is wedged can hold even a killed process: `gone` resolves when it has ended, and nobody
 * should ask again before.
 *
 * @param path of `nvidia-smi`.
 * @param patienceMs how long to wait for the answer.
 */
export function askGpuProcesses(
  path: string,
  patienceMs: number,
): { readonly answer: Promise<GpuAnswer>; readonly gone: Promise<unknown> } {
  const asked = Bun.spawn({ cmd: [path, ...QUERY], stdio: ["ignore", "pipe", "ignore"] });
  asked.unref();
  return { answer: answerOf(asked, patienceMs), gone: asked.exited };
}

async function answerOf(
  asked: Bun.Subprocess<"ignore", "pipe", "ignore">,
  patienceMs: number,
): Promise<GpuAnswer> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(() => late.resolve(null), patienceMs);
  const answered = await Promise.race([
    Promise.all([asked.stdout.text(), asked.exited]),
    late.promise,
  ]);
  clearTimeout(timer);
  if (answered === null) {
    asked.kill("SIGKILL");
    return failed(`did not answer within ${patienceMs / 1000} s`);
  }
  const [output, code] = answered;
  if (code !== 0) return failed(`exited with ${code}`);
  return { kind: "answered", lines: parseGpuProcesses(output) };
}

/** Reads "GPU-UUID, PID, MEBIBYTES" a line; the memory may be "[N/A]". A line of another form is left out. */
export function parseGpuProcesses(output: string): readonly GpuProcessLine[] {
  return output.split("\n").flatMap((line) => {
    const match = /^(GPU-[0-9a-f-]{4,60}), (\d{1,10}), (.{1,40})$/i.exec(line.trim());
    if (match?.[1] === undefined || match[3] === undefined) return [];
    const memoryBytes = /^\d{1,9}$/.test(match[3]) ? Number(match[3]) * MEBIBYTE : null;
    return [{ gpuUuid: match[1], pid: Number(match[2]), memoryBytes }];
  });
}

function failed(why: string): GpuAnswer {
  return { kind: "failed", why: `nvidia-smi ${why}` };
}
