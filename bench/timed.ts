// Runs a command and takes its time.

/** What a command took and said. */
export interface Timed {
  /** From its start to its end. */
  readonly ms: number;
  readonly stdout: string;
}

/** Runs a command to its end. @throws Error when it fails */
export async function timed(
  command: readonly string[],
  options: { readonly cwd?: string; readonly env?: Record<string, string> } = {},
): Promise<Timed> {
  const begunAt = performance.now();
  const child = Bun.spawn([...command], { ...options, stdout: "pipe", stderr: "pipe" });
  const said = child.stdout.text();
  const complaint = child.stderr.text();
  const code = await child.exited;
  const ms = performance.now() - begunAt;
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${await complaint}`);
  return { ms, stdout: await said };
}
