// Takes manifests and blobs over HTTP for the snapshots of users.
import {
  containsApiKey,
  FetchmlError,
  type Access,
  type BlobsAnswer,
  type SnapshotAnswer,
} from "@fetchml/protocol";
import { authorize } from "../auth/authorize.ts";
import type { Principal } from "../domain/principal.ts";
import { blobsHeldBy, noteBlobs, noteSnapshot } from "../queue/snapshots-held.ts";
import type { Sender } from "../snapshots/accept-manifest.ts";
import { DEFAULT_SNAPSHOT_LIMITS } from "../snapshots/snapshots.ts";
import type { RpcContext } from "./context.ts";
import { identify, type BunServer, type Door } from "./door.ts";
import { jsonAnswer } from "./http-answer.ts";
import { uploadBody, uploadStream, type UploadLimits } from "./upload-body.ts";

/** Whose snapshots are taken: of those who may submit jobs. */
const ACCESS: Access = "member";

/** `POST /snapshots`: a manifest in, the snapshot's id and what is missing of it out. */
export function receiveManifest(
  door: Door,
  request: Request,
  server: BunServer,
): Promise<Response> {
  const limitBytes = DEFAULT_SNAPSHOT_LIMITS.manifestBytes;
  return receive(door, { request, server, limitBytes }, async (upload) => {
    const text = await textOf(upload);
    if (containsApiKey(text)) throw keyInName();
    const { snapshot, missing } = await door.ctx.snapshots.acceptManifest(text, upload.sender);
    return { snapshot, missing: [...missing] } satisfies SnapshotAnswer;
  });
}

/** `POST /blobs`: a stream of blobs in, the number of those that are stored out. */
export function receiveBlobStream(
  door: Door,
  request: Request,
  server: BunServer,
): Promise<Response> {
  return receive(door, { request, server, limitBytes: null }, async (upload) => {
    const stream = uploadStream(upload.request, upload.limits);
    const stored = await door.ctx.snapshots.receiveBlobs(stream, upload.sender);
    return { stored } satisfies BlobsAnswer;
  });
}

interface Upload {
  readonly request: Request;
  readonly limits: UploadLimits;
  readonly sender: Sender;
}

async function receive(
  door: Door,
  from: {
    readonly request: Request;
    readonly server: BunServer;
    readonly limitBytes: number | null;
  },
  take: (upload: Upload) => Promise<object>,
): Promise<Response> {
  const { request, server, limitBytes } = from;
  const { principal } = await identify(door, request, server);
  const path = URL.parse(request.url)?.pathname ?? "";
  authorize(principal, ACCESS, `${request.method} ${path}`);
  if (principal.kind !== "key") throw noJobsOnBox();
  const allowSilence = (seconds: number) => server.timeout(request, seconds);
  const answer = await door.transfers.run(principal, door.ctx.authenticator, (signal) =>
    take({
      request,
      limits: { limitBytes, signal, allowSilence },
      sender: senderFor(door.ctx, principal, signal),
    }),
  );
  return jsonAnswer(JSON.stringify(answer));
}

/** What the snapshots ask about one user. Once the upload was cut off nothing is noted for it any more. */
function senderFor({ queue }: RpcContext, principal: Principal, signal: AbortSignal): Sender {
  return {
    heldBlobs: (hashes) => blobsHeldBy(queue, principal, hashes),
    noteBlobs: async (hashes) => {
      signal.throwIfAborted();
      await noteBlobs(queue, principal, hashes);
    },
    noteSnapshot: async (snapshot) => {
      signal.throwIfAborted();
      await noteSnapshot(queue, principal, snapshot);
    },
  };
}

async function textOf({ request, limits }: Upload): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of uploadBody(request, limits)) pieces.push(piece);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(pieces));
  } catch {
    throw new FetchmlError("bad-content", "The list of the project's files is not valid UTF-8.");
  }
}

function keyInName(): FetchmlError {
  return new FetchmlError(
    "bad-content",
    "The name of a file in the project holds an API key, which would be stored and shown.\nRename or leave out the file, and have the key revoked if others can have seen it.",
  );
}

function noJobsOnBox(): FetchmlError {
  return new FetchmlError(
    "not-allowed",
    "The box's own admin has no jobs: send files as a user, with that user's key.",
  );
}
