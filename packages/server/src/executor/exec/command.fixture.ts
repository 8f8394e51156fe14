// How tests read a command beside an attempt, and find its processes.
import type { AttemptCommand } from "../../domain/attempt-exec.ts";
import { waitFor } from "../attempt.fixture.ts";
import { allPids, argumentsOf } from "../local/process-identity.ts";

/** Reads a command to its end. */
export async function finished(command: AttemptCommand) {
  const all = { stdout: "", stderr: "" };
  for (;;) {
    const { stdout, stderr, exitCode } = await command.read();
    all.stdout += stdout.toString();
    all.stderr += stderr.toString();
    if (exitCode !== null) return { ...all, code: exitCode };
  }
}

/** Waits until a command has said that. */
export async function said(command: AttemptCommand, words: string): Promise<void> {
  let text = "";
  await waitFor(words, async () =>
    (text += (await command.read()).stdout.toString()).includes(words),
  );
}

/** Living processes with that argument. */
export function marked(argument = ""): number[] {
  return allPids().filter((pid) => argumentsOf(pid).includes(argument));
}
