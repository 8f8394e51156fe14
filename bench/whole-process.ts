// Times commands as a person waits for them: from the start of the process to its end.
import { median } from "./statistics.ts";

/** Where and as whom a command runs. */
export interface Surroundings {
  readonly env: Record<string, string>;
  readonly cwd: string;
}

/** After which a slow command has run often enough, if three times. */
const ENOUGH_MS = 2000;

/** The middle of at most so many runs one after the other, in milliseconds. @throws Error when one fails */
export async function medianOfRuns(
  command: readonly string[],
  { env, cwd }: Surroundings,
  times: number,
): Promise<number> {
  const taken: number[] = [];
  const deadline = performance.now() + ENOUGH_MS;
  for (let run = 0; run < times && (run < 3 || performance.now() < deadline); run++) {
    const begunAt = performance.now();
    const child = Bun.spawn([...command], {
      env,
      cwd,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    });
    const code = await child.exited;
    taken.push(performance.now() - begunAt);
    if (code !== 0) throw new Error(`${command.join(" ").slice(0, 200)} ended with ${code}`);
  }
  return median(taken);
}
