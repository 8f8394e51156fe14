// Asks the server what it lacks of a snapshot.
import {
  FetchmlError,
  FRAMES_ENCODING,
  manifestChangeText,
  MAX_CHANGE_LENGTH,
  type SnapshotAnswer,
} from "@fetchml/protocol";
import type { Endpoint } from "../client.ts";
import { isRecord, parsedObject } from "../connection/envelope.ts";
import { requestHttp } from "../connection/http-request.ts";
import { filesOf, type FrozenFile } from "./frozen-content.ts";
import type { FrozenProject } from "./frozen-project.ts";
import { uploadBody, type UploadBody } from "./upload-body.ts";
import { piecesOfText, type BlobSource } from "./upload-pieces.ts";
import { Way, type RoundTrip } from "./upload-way.ts";

/** What the server lacks. */
export interface Lacking {
  readonly blobs: readonly BlobSource[];
  /** How much of each has arrived already; most are not in it. */
  readonly receivedBytes: ReadonlyMap<string, number>;
  /** Whether it takes frames. */
  readonly takesFrames: boolean;
  /** What the question took on the way; `null` when the server does not tell how long it worked. */
  readonly roundTrip: RoundTrip | null;
}

/** Shows the server the list of files; when nothing is lacking, the snapshot is stored. @throws FetchmlError as the server does */
export function askLacking(
  endpoint: Endpoint,
  frozen: FrozenProject,
  signal: AbortSignal | undefined,
): Promise<Lacking> {
  const content = frozen.content();
  const body = bodyOf(content.text);
  return ask(endpoint, { frozen, body, fileOf: (hash) => content.files.get(hash), signal });
}

/**
 * The same, but only what differs from the snapshot before is shown, which is as good where the server has that.
 *
 * @returns `null` when it has to be the whole list: this server does not have that snapshot, is older than this way to ask, or too much
 *   differs
 * @throws FetchmlError as the server does
 */
export async function askByChange(
  endpoint: Endpoint,
  frozen: FrozenProject,
  signal: AbortSignal | undefined,
): Promise<Lacking | null> {
  const change = frozen.change();
  const text = change && manifestChangeText(change);
  if (change === null || text === null || text.length > MAX_CHANGE_LENGTH) return null;
  const changed = filesOf(frozen.root, change.entries);
  const fileOf = (hash: string) => changed.get(hash) ?? frozen.content().files.get(hash);
  try {
    return await ask(endpoint, { frozen, body: bodyOf(text), fileOf, signal });
  } catch (error) {
    // To a server of old it is a list in the wrong form. Whatever else is wrong is met again with the whole list.
    if (error instanceof FetchmlError && REFUSALS.has(error.code)) return null;
    throw error;
  }
}

const REFUSALS: ReadonlySet<string> = new Set(["snapshot-missing", "bad-content", "too-large"]);

/** How a question travels. */
interface QuestionBody {
  readonly body: Bun.BodyInit;
  readonly encoding: Readonly<Record<string, string>>;
  readonly handedOver: UploadBody["handedOver"];
}

async function ask(
  endpoint: Endpoint,
  {
    frozen,
    body: { body, encoding, handedOver },
    fileOf,
    signal,
  }: {
    readonly frozen: FrozenProject;
    readonly body: QuestionBody;
    readonly fileOf: (hash: string) => FrozenFile | undefined;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Lacking> {
  const answering = requestHttp(endpoint, {
    method: "POST",
    path: "/snapshots",
    headers: { "content-type": "application/json", ...encoding },
    body,
    ...(signal === undefined ? {} : { signal }),
  });
  // While the server works. An answer that came in between is seen as much later.
  const paused = performance.now();
  frozen.remember();
  const pausedMs = performance.now() - paused;
  const response = await answering;
  const text = await response.text();
  const answeredAt = performance.now();
  const answer: unknown = parsedObject(text);
  if (!isAnswer(answer) || answer.snapshot !== frozen.snapshot) throw nonsense();
  const blobs = answer.missing.map((hash) => {
    const file = fileOf(hash);
    if (file === undefined) throw nonsense();
    return { hash, ...file, bytes: frozen.kept.get(hash) };
  });
  const begun = answer.begun ?? [];
  const workMs = /\bdur=([\d.]+)/.exec(response.headers.get("server-timing") ?? "")?.[1];
  const sent = handedOver();
  const elapsedMs = Math.max(0, answeredAt - sent.at - Number(workMs) - pausedMs);
  return {
    blobs,
    receivedBytes: new Map(begun.map(({ hash, received_bytes }) => [hash, received_bytes])),
    takesFrames: response.headers.get("accept-encoding") === FRAMES_ENCODING,
    roundTrip: workMs === undefined ? null : { elapsedMs, bytes: sent.bytes + text.length },
  };
}

/** A list shorter than this goes as it is. */
const SHORT = 32 * 1024;

/** The text of a manifest or a change as it travels: a fifth of a long one, since half of it is names that are much alike. */
function bodyOf(text: string): QuestionBody {
  if (text.length < SHORT) {
    const sent = { bytes: text.length, at: performance.now() };
    return { body: text, encoding: {}, handedOver: () => sent };
  }
  // Nothing is known of the way yet; and a long list is mostly sent over a slow one or in a long upload.
  const way = new Way(null);
  const { stream, handedOver } = uploadBody(piecesOfText(text), { way, onSent: () => undefined });
  return { body: stream, encoding: { "content-encoding": FRAMES_ENCODING }, handedOver };
}

function isAnswer(value: unknown): value is SnapshotAnswer {
  return (
    isRecord(value) &&
    typeof value["snapshot"] === "string" &&
    Array.isArray(value["missing"]) &&
    value["missing"].every((hash) => typeof hash === "string") &&
    (value["begun"] === undefined || isBegun(value["begun"]))
  );
}

function isBegun(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (one: unknown) =>
        isRecord(one) &&
        typeof one["hash"] === "string" &&
        Number.isSafeInteger(one["received_bytes"]),
    )
  );
}

/** The error for an answer that no FetchML server gives. */
function nonsense(): FetchmlError {
  return new FetchmlError(
    "internal-error",
    "Cannot send the project: the server's answer does not fit what it was asked. Its log may tell more.",
  );
}
