// The GPUs of this box, as the NVIDIA driver tells them.
import type { GpuDevice } from "../executor.ts";

/** What looking for GPUs found; the warnings are whole sentences for the admin. */
export interface GpuSearch {
  readonly gpus: readonly GpuDevice[];
  readonly warnings: readonly string[];
}

const QUERY = ["--query-gpu=uuid,index,name,memory.total", "--format=csv,noheader,nounits"];
const MEBIBYTE = 1_048_576;

/**
 * Asks `nvidia-smi`. A box without it has no GPUs and gets no warning; a driver that fails, hangs or talks nonsense is a warning,
 * never an error: the rest of the box works.
 *
 * @param program name or path of `nvidia-smi`.
 * @param patienceMs how long to wait. A wedged driver holds even a killed process, so that is not waited for.
 */
export async function findGpus(program = "nvidia-smi", patienceMs = 10_000): Promise<GpuSearch> {
  const path = Bun.which(program);
  if (path === null) return { gpus: [], warnings: [] };
  const asked = Bun.spawn({ cmd: [path, ...QUERY], stdio: ["ignore", "pipe", "pipe"] });
  const answer = Promise.all([asked.stdout.text(), asked.stderr.text(), asked.exited]);
  const timeout = Promise.withResolvers<null>();
  const timer = setTimeout(() => timeout.resolve(null), patienceMs);
  const answered = await Promise.race([answer, timeout.promise]);
  clearTimeout(timer);
  if (answered === null) {
    asked.kill("SIGKILL");
    asked.unref();
    return failed(`did not answer within ${patienceMs / 1000} s`);
  }
  const [output, complaint, code] = answered;
  if (code === 0) return parseNvidiaSmi(output);
  return failed(
    `exited with ${code}: ${firstLine(complaint) || firstLine(output) || "no message"}`,
  );
}

function failed(how: string): GpuSearch {
  return { gpus: [], warnings: [`No GPU is used: nvidia-smi ${how}.`] };
}

/** Reads the lines of `nvidia-smi` for the query above; a line of another form is left out with a warning. */
export function parseNvidiaSmi(output: string): GpuSearch {
  const gpus: GpuDevice[] = [];
  const warnings: string[] = [];
  for (const line of output.split("\n").map((text) => text.trim())) {
    if (line === "" || line === "No devices were found") continue;
    const gpu = parseLine(line);
    if (gpu === null) warnings.push(`A GPU is not used: nvidia-smi said ${quoteShort(line)}.`);
    else if (gpus.some(({ uuid }) => uuid === gpu.uuid))
      warnings.push(`GPU ${gpu.uuid} came twice.`);
    else gpus.push(gpu);
  }
  return { gpus, warnings };
}

/** "UUID, INDEX, NAME, MEBIBYTES"; a name may hold commas. */
function parseLine(line: string): GpuDevice | null {
  const match = /^(GPU-[0-9a-f-]{4,60}), (\d{1,4}), (.{1,200}), (\d{1,9})$/i.exec(line);
  if (match?.[1] === undefined || match[3] === undefined) return null;
  const memoryBytes = Number(match[4]) * MEBIBYTE;
  return { uuid: match[1], index: Number(match[2]), name: match[3], memoryBytes };
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0]?.slice(0, 200) ?? "";
}

function quoteShort(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
