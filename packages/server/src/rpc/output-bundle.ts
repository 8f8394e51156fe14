// Several small files of a job in one answer, so that none has to wait for the way of the one before.
import {
  BUNDLE_LARGEST_FILE,
  FetchmlError,
  OUTPUT_BUNDLE_TYPE,
  type BundledFile,
} from "@fetchml/protocol";
import { OutputsRequest } from "@fetchml/protocol/schemas";
import { isListedPath, openOutput } from "../outputs/output-file.ts";
import { findOutputFolder, type OutputFolder } from "../outputs/output-folder.ts";
import { readWhole } from "../outputs/read-output.ts";
import { streamedAnswer } from "./streamed-answer.ts";
import type { AskedOutput } from "./output-answer.ts";
import { problemText } from "./params-problem.ts";
import { uploadBody } from "./upload-body.ts";

/**
 * Answers with the files whose paths are in the body.
 *
 * @param path of the folder that they lie in; `null` for none
 * @throws FetchmlError invalid-params, too-large
 */
export function answerBundle(asked: AskedOutput, path: string | null): Promise<Response> {
  const { door, request, server, holder } = asked;
  return streamedAnswer(door, {
    holder,
    request,
    server,
    type: OUTPUT_BUNDLE_TYPE,
    open: async (signal) => {
      const paths = await readPaths(asked, signal);
      const folder = path === null ? null : findOutputFolder(path);
      return framesOf(folder, paths, () => door.ctx.queue.clock.now());
    },
  });
}

/** Most bytes of such a body: as many paths as may be asked for, each as long as can be. */
const LIMIT_BYTES = 8 * 1_048_576;

async function readPaths(
  { request, server }: AskedOutput,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const parts: Uint8Array[] = [];
  const allowSilence = (seconds: number): void => server.timeout(request, seconds);
  const limits = { limitBytes: LIMIT_BYTES, signal, allowSilence };
  for await (const part of uploadBody(request, limits)) parts.push(part);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch {
    throw bad("it is not JSON");
  }
  const parsed = OutputsRequest.safeParse(value);
  if (!parsed.success) throw bad(problemText(parsed.error.issues, value));
  return parsed.data.paths;
}

async function* framesOf(
  folder: OutputFolder | null,
  paths: readonly string[],
  now: () => number,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    const some = paths.slice(at, at + AT_ONCE);
    const frames = await Promise.all(some.map((path) => frameOf(folder, path, now())));
    yield new Uint8Array(Buffer.concat(frames.flat()));
  }
}

/** So many are read side by side: as much as a piece of a large file, at the most eight times that. */
const AT_ONCE = 8;

async function frameOf(
  folder: OutputFolder | null,
  path: string,
  now: number,
): Promise<readonly Uint8Array[]> {
  const file =
    folder === null || !isListedPath(path) ? "absent" : await openOutput(folder, path, now);
  if (typeof file === "string") return [headerOf({ size_bytes: null })];
  try {
    const content = file.sizeBytes > BUNDLE_LARGEST_FILE ? null : await readWhole(file);
    if (content === null) return [headerOf({ size_bytes: null })];
    const sha256 = new Bun.CryptoHasher("sha256").update(content).digest("hex");
    const modifiedAt = file.etag.startsWith("W/") ? null : file.modifiedAt;
    const header = { size_bytes: content.length, modified_at: modifiedAt, sha256 };
    return [headerOf(header), content];
  } finally {
    await file.close();
  }
}

function headerOf(header: BundledFile): Uint8Array {
  return Buffer.from(`${JSON.stringify(header)}\n`);
}

function bad(why: string): FetchmlError {
  return new FetchmlError(
    "invalid-params",
    `Cannot read which files are asked for: ${why}. The body is like {"paths": ["model.pt"]}.`,
  );
}
