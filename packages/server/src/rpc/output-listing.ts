// Tells every entry that a job has left, as a stream of lines.
import { OUTPUT_LIST_TYPE, type OutputLine } from "@fetchml/protocol";
import { findOutputFolder } from "../outputs/output-folder.ts";
import { walkOutputs } from "../outputs/walk-outputs.ts";
import { streamedAnswer } from "./streamed-answer.ts";
import type { JobTrees, Tree } from "./output-access.ts";
import type { AskedOutput } from "./output-answer.ts";

/** Answers with every entry, while they are found. */
export function answerListing(
  { door, request, server, holder }: AskedOutput,
  found: JobTrees,
): Promise<Response> {
  const open = () => Promise.resolve(linesOf(found));
  return streamedAnswer(door, { holder, request, server, type: OUTPUT_LIST_TYPE, open });
}

async function* linesOf({
  jobId,
  name,
  attempts,
  trees,
}: JobTrees): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  yield encoded([{ line: "job", job_id: jobId, name, attempts }]);
  let complete = true;
  for (const tree of trees) complete = (yield* linesOfTree(tree)) && complete;
  yield encoded([{ line: "end", complete }]);
}

async function* linesOfTree({
  attempt,
  path,
}: Tree): AsyncGenerator<Uint8Array<ArrayBuffer>, boolean, undefined> {
  const folder = findOutputFolder(path);
  if (folder === null) return true;
  const walk = walkOutputs(folder);
  try {
    for (;;) {
      const step = await walk.next();
      if (step.done === true) return step.value;
      if (step.value.length === 0) continue;
      yield encoded(step.value.map((entry) => ({ line: "entry", attempt, entry })));
    }
  } finally {
    // Nothing is left open when the receiver goes in the middle.
    await walk.return(false);
  }
}

function encoded(lines: readonly OutputLine[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}
