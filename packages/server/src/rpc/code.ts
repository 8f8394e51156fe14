// Gives a job's code back over HTTP: its list of files, and the content of those that are asked for.
import { BLOB_STREAM_TYPE, FetchmlError, type Access } from "@fetchml/protocol";
import { authorize } from "../auth/authorize.ts";
import { snapshotOfJob } from "../queue/job-code.ts";
import { readBlobsRequest } from "./code-request.ts";
import { hurriedPieces } from "./hurried-pieces.ts";
import { piecesInTurn } from "./pieces-in-turn.ts";
import { streamedAnswer, type Pieces } from "./streamed-answer.ts";
import { identify, type BunServer, type Door } from "./door.ts";
import type { UploadLimits } from "./upload-body.ts";

/** Whose code it is decides whether it is given, not the role. */
const ACCESS: Access = "viewer";

/** Whose code is asked for, and over which server. */
interface Wanted {
  /** How the caller names the job. */
  readonly job: string;
  readonly server: BunServer;
}

/** `GET /jobs/JOB/manifest`: the canonical text of the job's manifest. A job without a project has an empty one. */
export function sendJobManifest(door: Door, request: Request, wanted: Wanted): Promise<Response> {
  return send(door, request, {
    ...wanted,
    type: "application/json",
    open: (snapshot) => door.ctx.snapshots.sendManifest(snapshot),
  });
}

/** `POST /jobs/JOB/blobs`: the files of the job's manifest with the hashes in the body, one after the other. */
export function sendJobBlobs(door: Door, request: Request, wanted: Wanted): Promise<Response> {
  return send(door, request, {
    ...wanted,
    type: BLOB_STREAM_TYPE,
    open: async (snapshot, limits) => {
      const hashes = await readBlobsRequest(request, limits);
      return door.ctx.snapshots.sendBlobs(snapshot, hashes);
    },
  });
}

async function send(
  door: Door,
  request: Request,
  what: Wanted & {
    readonly type: string;
    readonly open: (
      snapshot: string | null,
      limits: Omit<UploadLimits, "limitBytes">,
    ) => Promise<Pieces>;
  },
): Promise<Response> {
  const { job, server, type } = what;
  const { principal } = await identify(door, request, server);
  authorize(principal, ACCESS, `${request.method} /jobs/${job}`);
  if (principal.kind !== "key") throw notOnBox();
  const allowSilence = (seconds: number): void => server.timeout(request, seconds);
  const open = (signal: AbortSignal): Promise<Pieces> => {
    // While it waits for its turn nothing is sent, and that is nobody's silence.
    allowSilence(NO_LIMIT);
    const waiting = {
      userId: principal.userId,
      signal: AbortSignal.any([signal, request.signal]),
    };
    return piecesInTurn(door.codeTurns, waiting, async (turn) => {
      const snapshot = await snapshotOfJob(door.ctx.queue, principal, job);
      const pieces = await what.open(snapshot, { signal, allowSilence, turn });
      return hurriedPieces(pieces, { turn, allowSilence });
    });
  };
  return streamedAnswer(door, { holder: principal, request, server, type, open });
}

/** For Bun: a connection that is never too long silent. */
const NO_LIMIT = 0;

function notOnBox(): FetchmlError {
  return new FetchmlError(
    "not-allowed",
    "Code is given to users, with their keys: as an admin among them you get everyone's.",
  );
}
