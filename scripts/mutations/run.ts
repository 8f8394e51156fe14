// `npm run test:mutations`: takes out one guard at a time, on copies of the tree, and demands that a test fails each time.

import { availableParallelism } from "node:os";
import { buildForHost } from "../build.ts";
import { mutations, type Mutation } from "./mutations.ts";
import { copyTree } from "./tree-copy.ts";
import { tryMutation, tryUnchanged, type Trial } from "./try-mutation.ts";

/** Tries those whose name holds the text, or all, a few side by side; answers the exit code. */
async function main(wanted: string): Promise<number> {
  const chosen = mutations.filter(({ name }) => name.includes(wanted));
  // Some of the tests run the executables.
  await buildForHost();
  const waiting = chosen.values();
  const trials = new Map<Mutation, Trial>();
  const lane = async (): Promise<void> => {
    const copy = copyTree();
    try {
      for (const mutation of waiting) {
        const trial = await tried(mutation, copy);
        trials.set(mutation, trial);
        process.stdout.write(`${row(mutation, trial)}\n`);
      }
    } finally {
      copy.close();
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  const bad = chosen.filter((mutation) => trials.get(mutation)?.verdict !== "noticed");
  process.stdout.write(
    `\n${chosen.length - bad.length} of ${chosen.length} missing guards noticed\n`,
  );
  return bad.length > 0 || chosen.length === 0 ? 1 : 0;
}

async function tried(mutation: Mutation, copy: ReturnType<typeof copyTree>): Promise<Trial> {
  // A test that fails by itself would pass for one that notices.
  const complaint = await tryUnchanged(mutation, copy);
  if (complaint !== null) return { verdict: "broken", detail: `unchanged: ${complaint}` };
  return tryMutation(mutation, copy);
}

function row({ name }: Mutation, { verdict, detail }: Trial): string {
  const width = Math.max(...mutations.map((mutation) => mutation.name.length));
  return `${verdict.padEnd(8)}  ${name.padEnd(width)}  ${detail.slice(0, 100)}`;
}

if (import.meta.main) process.exitCode = await main(process.argv[2] ?? "");
