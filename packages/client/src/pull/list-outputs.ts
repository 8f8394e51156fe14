// Asks a server for everything that a job has left.
import { FetchmlError, type OutputEntry, type OutputLine } from "@fetchml/protocol";
import type { Endpoint } from "../client.ts";
import { answerBody } from "../connection/answer-body.ts";
import { isRecord, parsedObject } from "../connection/envelope.ts";
import { requestHttp } from "../connection/http-request.ts";
import { Patience, type PatienceOptions } from "./patience.ts";
import { treeAddress, type RemoteKind } from "./remote-tree.ts";

/** An entry, and the attempt that it is of; `null` for a checkpoint. */
export interface ListedEntry {
  readonly attempt: number | null;
  readonly entry: OutputEntry;
}

/** All that there is. */
export interface OutputListing {
  readonly jobId: number;
  readonly name: string;
  /** The attempts that were meant, first to last, those that have left nothing among them. */
  readonly attempts: readonly { readonly attempt: number; readonly ended: boolean }[];
  readonly entries: readonly ListedEntry[];
  /** `false`: there is more than the server lists. */
  readonly complete: boolean;
}

/**
 * Lists what a job has left, or with `12#2` what one attempt has. The first connection must come about at once; a list that is
 * cut in the middle is asked for again.
 *
 * @throws FetchmlError `job-not-found`, `output-not-found`, and as `requestHttp` does
 */
export async function listOutputs(
  endpoint: Endpoint,
  job: string,
  options: PatienceOptions & { readonly kind?: Exclude<RemoteKind, "log"> } = {},
): Promise<OutputListing> {
  const path = treeAddress(job, options.kind ?? "outputs");
  const patience = new Patience(options, new AbortController().signal);
  for (let isConnected = false; ;) {
    try {
      const response = await requestHttp(endpoint, { method: "GET", path, headers: PLAIN });
      isConnected = true;
      patience.noteArrival();
      return await readListing(endpoint, response);
    } catch (error) {
      if (!isConnected) throw error;
      await patience.wait(error);
    }
  }
}

/** A proxy on the way that packs what it hands on would make parts and sizes wrong. */
export const PLAIN: Readonly<Record<string, string>> = { "accept-encoding": "identity" };

async function readListing(endpoint: Endpoint, response: Response): Promise<OutputListing> {
  let head: Extract<OutputLine, { line: "job" }> | undefined;
  const entries: ListedEntry[] = [];
  for await (const text of linesOf(answerBody(response, endpoint))) {
    const line = readLine(text);
    if (line.line === "job") head = line;
    else if (line.line === "entry") entries.push({ attempt: line.attempt, entry: line.entry });
    else if (head !== undefined) {
      const { job_id: jobId, name, attempts } = head;
      return { jobId, name, attempts, entries, complete: line.complete };
    }
  }
  throw new FetchmlError("unreachable", "The server's list of outputs ended in the middle.");
}

async function* linesOf(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** What is not looked at here is the server's word; paths and links are judged before anything is written by them. */
function readLine(text: string): OutputLine {
  const value = parsedObject(text);
  const entry = value?.["entry"];
  const isLine =
    value?.["line"] === "job" ||
    value?.["line"] === "end" ||
    (value?.["line"] === "entry" && isRecord(entry) && typeof entry["path"] === "string");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see docs/decisions/0002-client-does-not-validate.md
  if (isLine) return value as unknown as OutputLine;
  throw new FetchmlError(
    "internal-error",
    "Cannot read the server's list of outputs. Its log may tell more.",
  );
}
