// Asks the server what it lacks of a snapshot.
import { FetchmlError, FRAMES_ENCODING, type SnapshotAnswer } from "@fetchml/protocol";
import type { Endpoint } from "../client.ts";
import { isRecord, parsedObject } from "../connection/envelope.ts";
import { requestHttp } from "../connection/http-request.ts";
import type { FrozenContent } from "./frozen-content.ts";
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

/** What is asked about. */
export interface Question {
  /** Id of the snapshot. */
  readonly snapshot: string;
  readonly content: FrozenContent;
  /** Contents that are at hand, by hash. */
  readonly kept: ReadonlyMap<string, Uint8Array>;
  readonly signal: AbortSignal | undefined;
}

/** Shows the server the list of files; when nothing is lacking, the snapshot is stored. @throws FetchmlError as the server does */
export async function askLacking(
  endpoint: Endpoint,
  { snapshot, content, kept, signal }: Question,
): Promise<Lacking> {
  const { body, encoding, handedOver } = listBody(content.text);
  const response = await requestHttp(endpoint, {
    method: "POST",
    path: "/snapshots",
    headers: { "content-type": "application/json", ...encoding },
    body,
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  const answeredAt = performance.now();
  const answer: unknown = parsedObject(text);
  if (!isAnswer(answer) || answer.snapshot !== snapshot) throw nonsense();
  const blobs = answer.missing.map((hash) => {
    const file = content.files.get(hash);
    if (file === undefined) throw nonsense();
    return { hash, ...file, bytes: kept.get(hash) };
  });
  const begun = answer.begun ?? [];
  const workMs = /\bdur=([\d.]+)/.exec(response.headers.get("server-timing") ?? "")?.[1];
  const sent = handedOver();
  const elapsedMs = answeredAt - sent.at - Number(workMs);
  return {
    blobs,
    receivedBytes: new Map(begun.map(({ hash, received_bytes }) => [hash, received_bytes])),
    takesFrames: response.headers.get("accept-encoding") === FRAMES_ENCODING,
    roundTrip: workMs === undefined ? null : { elapsedMs, bytes: sent.bytes + text.length },
  };
}

/** A list shorter than this goes as it is. */
const SHORT = 32 * 1024;

/** The text of a manifest as it travels: a fifth of a long one, since half of it is names that are much alike. */
function listBody(text: string): {
  readonly body: Bun.BodyInit;
  readonly encoding: Readonly<Record<string, string>>;
  readonly handedOver: UploadBody["handedOver"];
} {
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
