// Runs a tool of the system that a release is made with.

/** Runs it to its end. @throws Error with what it said when it is missing or fails */
export async function runTool(
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const [program = ""] = command;
  if (Bun.which(program) === null) throw new Error(`Cannot go on: there is no "${program}" here`);
  const child = Bun.spawn([...command], {
    env: { ...process.env, LC_ALL: "C", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, complaint] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) === 0) return out;
  throw new Error(`"${program}" failed: ${complaint.trim() || out.trim()}`);
}
