// Answers what is asked for below `/jobs/JOB`: lists of what a job has left, its files, its logs.
import { join } from "node:path";
import { FetchmlError, type Access } from "@fetchml/protocol";
import { authorize } from "../auth/authorize.ts";
import { findOutputFolder } from "../outputs/output-folder.ts";
import {
  isListedPath,
  openOutput,
  type OutputFile,
  type Unopened,
} from "../outputs/output-file.ts";
import { identify, type BunServer, type Door } from "./door.ts";
import { findLogPlace, findTrees, type LogPlace, type TreeKind } from "./output-access.ts";
import { cutFile } from "./cut-file.ts";
import { maskedFile } from "./masked-file.ts";
import { answerFile, type AskedOutput } from "./output-answer.ts";
import { answerBundle } from "./output-bundle.ts";
import { answerListing } from "./output-listing.ts";

/** What is asked for, and over which server. */
export interface WantedOutput {
  /** How the caller names the job. */
  readonly job: string;
  readonly server: BunServer;
  /** What follows in the address, percent-encoded; `null` where nothing follows. */
  readonly rest: string | null;
}

/**
 * `/jobs/JOB/outputs`: all there is, as lines of JSON; with a path behind it that file, and to a POST several small ones at once, of
 * the newest attempt unless one is named.
 */
export function sendOutputs(door: Door, request: Request, wanted: WantedOutput): Promise<Response> {
  return sendTree(door, request, { ...wanted, kind: "outputs" });
}

/** `/jobs/JOB/checkpoints`: the same for what all attempts of the job share. */
export function sendCheckpoints(
  door: Door,
  request: Request,
  wanted: WantedOutput,
): Promise<Response> {
  return sendTree(door, request, { ...wanted, kind: "checkpoints" });
}

/** `/jobs/JOB/log`: the bytes of the log, with the values of secrets masked, of the newest attempt unless one is named. */
export async function sendLog(
  door: Door,
  request: Request,
  { job, server }: WantedOutput,
): Promise<Response> {
  const asked = await admit(door, request, server);
  const place = await findLogPlace(door.ctx, asked.holder, { job });
  const file = await open(place, door.ctx.queue.clock.now());
  if (typeof file !== "string") return answerFile(asked, await masked(file, place), null);
  throw new FetchmlError("log-not-found", `There is no ${place.name.slice("the ".length)} yet.`);
}

/** Closes the file where it cannot be masked. */
async function masked(
  file: OutputFile,
  { mask, isComplete, folder, path }: LogPlace,
): Promise<OutputFile> {
  try {
    const shown = await maskedFile(file, { mask: await mask(), isComplete });
    return await cutFile(shown, join(folder, path));
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function sendTree(
  door: Door,
  request: Request,
  { job, server, rest, kind }: WantedOutput & { readonly kind: TreeKind },
): Promise<Response> {
  const asked = await admit(door, request, server);
  const found = await findTrees(door.ctx, asked.holder, { job, kind });
  const tree = found.trees.at(-1);
  if (rest === null) {
    return request.method === "POST"
      ? answerBundle(asked, tree?.path ?? null)
      : answerListing(asked, found);
  }
  const path = decodedPath(rest);
  const name = `${found.jobId} (${found.name})`;
  if (path === null || tree === undefined) throw notFound(path ?? rest, name, "absent");
  const file = await open({ folder: tree.path, path }, door.ctx.queue.clock.now());
  if (typeof file === "string") throw notFound(path, name, file);
  // Of an attempt that goes on, and of checkpoints, the next reading may find other bytes.
  const isLast = found.attempts.some(({ attempt, ended }) => ended && attempt === tree.attempt);
  const kept = isLast ? door.sentHashes.of(join(tree.path, path), file) : null;
  return answerFile(asked, file, kept);
}

// Whose they are decides whether they are given, not the role.
const ACCESS: Access = "viewer";

async function admit(door: Door, request: Request, server: BunServer): Promise<AskedOutput> {
  const { principal } = await identify(door, request, server);
  authorize(principal, ACCESS, `${request.method} /jobs`);
  if (principal.kind === "key") return { door, request, server, holder: principal };
  throw new FetchmlError(
    "not-allowed",
    "Outputs are given to users, with their keys: as an admin among them you get everyone's.",
  );
}

async function open(
  place: { readonly folder: string; readonly path: string },
  now: number,
): Promise<OutputFile | Unopened> {
  const folder = findOutputFolder(place.folder);
  return folder === null ? "absent" : openOutput(folder, place.path, now);
}

/** The path that an address means; `null` for one that no listing could have. */
function decodedPath(rest: string): string | null {
  try {
    const names = rest.split("/").map(decodeURIComponent);
    const path = names.join("/");
    return names.some((name) => name.includes("/")) || !isListedPath(path) ? null : path;
  } catch {
    return null;
  }
}

const WHY: Readonly<Record<Unopened, string>> = {
  absent: "it has left no such file, or has taken it away again",
  "not-a-file": "that is no plain file",
  "foreign-file": "that is a link to a file of another account on the box",
  unreadable: "the server cannot read it",
};

function notFound(path: string, job: string, why: Unopened): FetchmlError {
  const shown = JSON.stringify(path.slice(0, 200));
  return new FetchmlError("output-not-found", `Cannot give ${shown} of job ${job}: ${WHY[why]}.`);
}
