// Tells every entry that a job has left, as a stream of lines.
import { OUTPUT_LIST_TYPE, type OutputLine } from "@fetchml/protocol";
import { findOutputFolder } from "../outputs/output-folder.ts";
import { mostLooks, walkOutputs, type LooksLeft } from "../outputs/walk-outputs.ts";
import { hurriedPieces } from "./hurried-pieces.ts";
import { piecesInTurn } from "./pieces-in-turn.ts";
import { streamedAnswer } from "./streamed-answer.ts";
import type { JobTrees, Tree } from "./output-access.ts";
import type { AskedOutput } from "./output-answer.ts";

/** Answers with every entry, while they are found. */
export function answerListing(
  { door, request, server, holder }: AskedOutput,
  found: JobTrees,
): Promise<Response> {
  const open = (ended: AbortSignal) => {
    // While it waits for its turn nothing is sent, and that is nobody's silence.
    server.timeout(request, NO_LIMIT);
    const signal = AbortSignal.any([ended, request.signal]);
    const waiting = { userId: holder.userId, signal };
    const allowSilence = (seconds: number) => server.timeout(request, seconds);
    return piecesInTurn(door.ctx.listingTurns, waiting, (turn) =>
      hurriedPieces(linesOf(found), { turn, allowSilence }),
    );
  };
  return streamedAnswer(door, { holder, request, server, type: OUTPUT_LIST_TYPE, open });
}

/** For Bun: a connection that is never too long silent. */
const NO_LIMIT = 0;

async function* linesOf({
  jobId,
  name,
  attempts,
  trees,
}: JobTrees): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  yield encoded([{ line: "job", job_id: jobId, name, attempts }]);
  let complete = true;
  const looks = mostLooks();
  for (const tree of trees) complete = (yield* linesOfTree(tree, looks)) && complete;
  yield encoded([{ line: "end", complete }]);
}

async function* linesOfTree(
  { attempt, path, aliases }: Tree,
  looks: LooksLeft,
): AsyncGenerator<Uint8Array<ArrayBuffer>, boolean, undefined> {
  const folder = findOutputFolder(path, aliases);
  if (folder === null) return true;
  const walk = walkOutputs(folder, looks);
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
