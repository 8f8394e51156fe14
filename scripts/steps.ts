// Runs commands as named steps, a few at a time, and keeps what each printed.

import { projectRoot } from "./project-files.ts";

/** A command with a name a person reads. */
export interface Step {
  readonly name: string;
  readonly command: readonly string[];
}

/** How a step went. */
export interface StepResult {
  readonly name: string;
  readonly hasPassed: boolean;
  readonly seconds: number;
  /** stdout, then stderr. */
  readonly output: string;
}

/** Runs all steps in the project's root, at most `width` at a time, and calls `onEnd` as each ends. Results in the steps' order. */
export async function runSteps(
  steps: readonly Step[],
  width: number,
  onEnd: (result: StepResult) => void,
): Promise<readonly StepResult[]> {
  const results = new Map<Step, StepResult>();
  const waiting = steps.values();
  const lane = async (): Promise<void> => {
    for (const step of waiting) {
      const result = await runStep(step);
      results.set(step, result);
      onEnd(result);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return steps.flatMap((step) => results.get(step) ?? []);
}

async function runStep({ name, command }: Step): Promise<StepResult> {
  const started = performance.now();
  const child = Bun.spawn([...command], {
    cwd: projectRoot,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  const seconds = (performance.now() - started) / 1000;
  return { name, hasPassed: code === 0, seconds, output: out + err };
}
