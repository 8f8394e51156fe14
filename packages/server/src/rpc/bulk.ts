// Takes manifests and blobs over HTTP for the snapshots of users.
import {
  FetchmlError,
  FRAMES_ENCODING,
  UPLOAD_LENGTH_HEADER,
  UPLOAD_OFFSET_HEADER,
  UPLOAD_SNAPSHOT_HEADER,
  type Access,
  type BlobsAnswer,
  type SnapshotAnswer,
} from "@fetchml/protocol";
import { authorize } from "../auth/authorize.ts";
import { identify, type BunServer, type Door } from "./door.ts";
import { jsonAnswer } from "./http-answer.ts";
import { senderFor } from "./upload-sender.ts";
import { SILENCE_S, uploadBody, type UploadLimits } from "./upload-body.ts";
import type { Sender } from "../snapshots/accept-manifest.ts";

/** Whose snapshots are taken: of those who may submit jobs. */
const ACCESS: Access = "member";

/** `POST /snapshots`: a manifest in, the snapshot's id and what is missing of it out. */
export function receiveManifest(
  door: Door,
  request: Request,
  server: BunServer,
): Promise<Response> {
  const limitBytes = door.ctx.snapshots.limits.manifestBytes;
  return receive(door, { request, server, limitBytes }, async (upload) => {
    const { text, readAt } = await readText(upload);
    const { snapshot, missing, begun } = await door.ctx.snapshots.acceptManifest(
      text,
      upload.sender,
    );
    const answer: SnapshotAnswer = { snapshot, missing: [...missing] };
    if (begun.size > 0) {
      answer.begun = [...begun].map(([hash, received_bytes]) => ({ hash, received_bytes }));
    }
    const workMs = performance.now() - readAt;
    return {
      answer,
      // What is left of the sender's waiting was the way: by that it tells how fast the way is.
      headers: { "server-timing": `work;dur=${workMs.toFixed(1)}`, ...TAKEN },
    };
  });
}

/** In which form bodies are taken, as RFC 7694 has it. */
const TAKEN = { "accept-encoding": FRAMES_ENCODING };

/** `POST /blobs`: a stream of blobs in, the number of those that are stored out. */
export function receiveBlobStream(
  door: Door,
  request: Request,
  server: BunServer,
): Promise<Response> {
  return receive(door, { request, server, limitBytes: null }, async (upload) => {
    const stream = uploadBody(upload.request, upload.limits);
    const stored = await door.ctx.snapshots.receiveBlobs(stream, upload.sender);
    return { answer: await blobsAnswer(door, upload, stored) };
  });
}

/** `PUT /blobs/HASH`: one blob in, or the rest of one that has arrived in part; the number 1 out. */
export function receiveBlob(
  door: Door,
  request: Request,
  { server, hash }: { readonly server: BunServer; readonly hash: string },
): Promise<Response> {
  return receive(door, { request, server, limitBytes: null }, async (upload) => {
    const sizeBytes = numberIn(request, UPLOAD_LENGTH_HEADER);
    const offset = numberIn(request, UPLOAD_OFFSET_HEADER);
    if (offset > sizeBytes) throw badNumber(UPLOAD_OFFSET_HEADER);
    const stream = uploadBody(upload.request, upload.limits);
    const piece = { hash, sizeBytes, offset };
    const afterwards = await door.ctx.snapshots.receiveBlob(stream, piece, upload.sender);
    setImmediate(
      () => void afterwards().catch((error: unknown) => door.ctx.log.warn("trash-left", { error })),
    );
    return { answer: await blobsAnswer(door, upload, 1) };
  });
}

async function blobsAnswer(
  { ctx }: Door,
  { request, sender }: Upload,
  stored: number,
): Promise<BlobsAnswer> {
  const snapshot = request.headers.get(UPLOAD_SNAPSHOT_HEADER);
  const complete = snapshot !== null && (await ctx.snapshots.completeSnapshot(snapshot, sender));
  return { stored, complete };
}

function numberIn(request: Request, header: string): number {
  const said = request.headers.get(header) ?? "";
  const number = Number(said);
  if (!/^\d{1,16}$/.test(said) || !Number.isSafeInteger(number)) throw badNumber(header);
  return number;
}

interface Upload {
  readonly request: Request;
  readonly limits: UploadLimits;
  readonly sender: Sender;
}

interface Taken {
  readonly answer: object;
  readonly headers?: Record<string, string>;
}

/** For Bun: a connection that is never too long silent. */
const NO_LIMIT = 0;

async function receive(
  door: Door,
  from: {
    readonly request: Request;
    readonly server: BunServer;
    readonly limitBytes: number | null;
  },
  take: (upload: Upload) => Promise<Taken>,
): Promise<Response> {
  const { request, server, limitBytes } = from;
  const { principal } = await identify(door, request, server);
  const path = URL.parse(request.url)?.pathname ?? "";
  authorize(principal, ACCESS, `${request.method} ${path}`);
  if (principal.kind !== "key") throw noJobsOnBox();
  door.ctx.queue.room.refuseWhenShort("Cannot take the project");
  const allowSilence = (seconds: number) => server.timeout(request, seconds);
  const { answer, headers = {} } = await door.transfers.run(
    principal,
    door.ctx.authenticator,
    (signal) => {
      // Nobody reads while it waits, so TCP holds the sender back, and it is not the sender who is silent.
      allowSilence(NO_LIMIT);
      const waiting = AbortSignal.any([signal, request.signal]);
      return door.uploadTurns.run(principal.userId, waiting, (turn) => {
        allowSilence(SILENCE_S);
        return take({
          request,
          limits: { limitBytes, signal, allowSilence, turn },
          sender: senderFor(door.ctx, principal, signal),
        });
      });
    },
  );
  return jsonAnswer(JSON.stringify(answer), { headers });
}

async function readText({
  request,
  limits,
}: Upload): Promise<{ readonly text: string; readonly readAt: number }> {
  const pieces: Uint8Array[] = [];
  for await (const piece of uploadBody(request, limits)) pieces.push(piece);
  const readAt = performance.now();
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { text: decoder.decode(Buffer.concat(pieces)), readAt };
  } catch {
    throw new FetchmlError("bad-content", "The list of the project's files is not valid UTF-8.");
  }
}

function badNumber(header: string): FetchmlError {
  return new FetchmlError(
    "invalid-request",
    `The header "${header}" is a number of bytes, the offset not beyond the length.`,
  );
}

function noJobsOnBox(): FetchmlError {
  return new FetchmlError(
    "not-allowed",
    "The box's own admin has no jobs: send files as a user, with that user's key.",
  );
}
