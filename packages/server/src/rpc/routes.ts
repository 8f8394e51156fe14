// Leads HTTP requests to what answers them.
import { FetchmlError } from "@fetchml/protocol";
import { JobRef } from "@fetchml/protocol/schemas";
import { listPage } from "../queue/look.ts";
import { receiveBlob, receiveBlobStream, receiveManifest } from "./bulk.ts";
import { sendJobBlobs, sendJobManifest } from "./code.ts";
import { identify, type BunServer, type Door } from "./door.ts";
import { errorAnswer, EVERY_ANSWER, replyAnswer, wordAnswer } from "./http-answer.ts";
import { checkHostAndOrigin, refuseStrayKey } from "./http-guard.ts";
import { replyTo } from "./replies.ts";
import { sendMetrics } from "./metrics-route.ts";
import { sendCheckpoints, sendLog, sendOutputs, type WantedOutput } from "./output-routes.ts";
import { readRequestText } from "./request-text.ts";
import { asFetchmlError } from "./rpc-error.ts";
import { RpcSocket } from "./socket.ts";

type Answering = (
  door: Door,
  request: Request,
  server: BunServer,
) => Promise<Response | undefined> | Response | undefined;

/** Answers a request; never throws. `undefined` means that it has become a WebSocket. */
export async function answerHttp(
  door: Door,
  request: Request,
  server: BunServer,
): Promise<Response | undefined> {
  // An HTTP/1.0 request without a Host has no whole address.
  const path = URL.parse(request.url, "http://localhost")?.pathname ?? "";
  try {
    // Before anything else, so that a page under a foreign name learns nothing, of an address that is nothing too.
    if (door.from.kind === "network") checkHostAndOrigin(request.headers, door.from.allowedHosts);
    refuseStrayKey(request);
    const route = ROUTES.get(path) ?? blobRoute(path) ?? jobRoute(path);
    if (route === undefined) throw unknownPath();
    if (!route.methods.includes(request.method)) return wrongMethod(route.methods);
    return await route.answer(door, request, server);
  } catch (error) {
    // The caller has gone while it waited. Nobody hears this, and it is no fault.
    if (request.signal.aborted && error === request.signal.reason) return wordAnswer("gone", 400);
    return errorAnswer(asFetchmlError(error, `${request.method} ${path}`, door.ctx.log));
  }
}

interface Route {
  readonly methods: readonly string[];
  readonly answer: Answering;
}

const ROUTES: ReadonlyMap<string, Route> = new Map([
  ["/healthz", { methods: ["GET", "HEAD"], answer: () => wordAnswer("ok") }],
  ["/readyz", { methods: ["GET", "HEAD"], answer: answerReady }],
  ["/metrics", { methods: ["GET"], answer: sendMetrics }],
  ["/ws", { methods: ["GET"], answer: openSocket }],
  ["/rpc", { methods: ["POST"], answer: answerCall }],
  ["/snapshots", { methods: ["POST"], answer: receiveManifest }],
  ["/blobs", { methods: ["POST"], answer: receiveBlobStream }],
]);

/** What lies at `/blobs/HASH`. */
function blobRoute(path: string): Route | undefined {
  const [, hash] = /^\/blobs\/([0-9a-f]{64})$/.exec(path) ?? [];
  if (hash === undefined) return undefined;
  return {
    methods: ["PUT"],
    answer: (door, request, server) => receiveBlob(door, request, { server, hash }),
  };
}

/** What lies at `/jobs/JOB/…`; the job is named as everywhere, percent-encoded. */
const JOB_ROUTES: ReadonlyMap<string, JobRoute> = new Map([
  ["manifest", { methods: ["GET"], answer: sendJobManifest }],
  ["blobs", { methods: ["POST"], answer: sendJobBlobs }],
  ["log", { methods: ["GET", "HEAD"], answer: sendLog }],
  ["outputs", { methods: ["GET", "POST"], answer: sendOutputs }],
  ["checkpoints", { methods: ["GET", "POST"], answer: sendCheckpoints }],
]);

/** What lies at `/jobs/JOB/…/PATH`. */
const JOB_FILE_ROUTES: ReadonlyMap<string, JobRoute> = new Map([
  ["outputs", { methods: ["GET", "HEAD"], answer: sendOutputs }],
  ["checkpoints", { methods: ["GET", "HEAD"], answer: sendCheckpoints }],
]);

interface JobRoute {
  readonly methods: readonly string[];
  readonly answer: (door: Door, request: Request, wanted: WantedOutput) => Promise<Response>;
}

function jobRoute(path: string): Route | undefined {
  const [, encoded, what = "", rest = null] =
    /^\/jobs\/([^/]+)\/([a-z]+)(?:\/(.*))?$/.exec(path) ?? [];
  const route = (rest === null ? JOB_ROUTES : JOB_FILE_ROUTES).get(what);
  const job = decodedJob(encoded ?? "");
  if (route === undefined || job === null) return undefined;
  const { methods, answer } = route;
  return {
    methods,
    answer: (door, request, server) => answer(door, request, { server, job, rest }),
  };
}

function decodedJob(encoded: string): string | null {
  try {
    const parsed = JobRef.safeParse(decodeURIComponent(encoded));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

async function answerReady(door: Door): Promise<Response> {
  const { ctx } = door;
  try {
    if (door.isClosing()) return wordAnswer("stopping", 503);
    await listPage(ctx.queue, { kind: "local", user: "readyz" }, { limit: 1 });
    return wordAnswer("ok");
  } catch (error) {
    ctx.log.error("not-ready", { error });
    return wordAnswer("not ready", 503);
  }
}

async function openSocket(
  door: Door,
  request: Request,
  server: BunServer,
): Promise<Response | undefined> {
  const owner = await identify(door, request, server);
  const socket = new RpcSocket(door.ctx, owner);
  if (server.upgrade(request, { data: socket, headers: EVERY_ANSWER })) return undefined;
  return errorAnswer(
    new FetchmlError(
      "invalid-request",
      'This is the address of the WebSocket: connect with "ws://", or call POST /rpc.',
    ),
  );
}

/** Seconds that a call may take, the most that Bun counts: the cancel of a million jobs is answered when they are cancelled. */
const LONGEST_CALL_S = 255;

async function answerCall(door: Door, request: Request, server: BunServer): Promise<Response> {
  const { principal, address } = await identify(door, request, server);
  const type = request.headers.get("content-type") ?? "application/json";
  if (!/^application\/json\s*(;|$)/i.test(type)) throw notJson();
  const allowSilence = (seconds: number) => server.timeout(request, seconds);
  const call = async (signal: AbortSignal) => {
    const text = await readRequestText(request, { signal, allowSilence });
    allowSilence(LONGEST_CALL_S);
    return replyTo(door.ctx, { principal, address, feed: null }, text);
  };
  if (principal.kind === "local") return replyAnswer(await call(new AbortController().signal));
  // A body may come slowly, and the key may end meanwhile.
  return replyAnswer(await door.transfers.run(principal, door.ctx.authenticator, call));
}

function unknownPath(): FetchmlError {
  return new FetchmlError(
    "method-not-found",
    "There is nothing at this address. FetchML answers at /ws, /rpc, /snapshots, /blobs, /blobs/HASH, /jobs/JOB/manifest, /jobs/JOB/blobs, /jobs/JOB/outputs, /jobs/JOB/checkpoints, /jobs/JOB/log, /metrics, /healthz and /readyz.",
  );
}

function wrongMethod(methods: readonly string[]): Response {
  const allow = methods.join(", ");
  const headers = { allow };
  const error = new FetchmlError("invalid-request", `This address takes ${allow} only.`);
  const { body } = errorAnswer(error);
  return new Response(body, {
    status: 405,
    headers: { ...EVERY_ANSWER, "content-type": "application/json", ...headers },
  });
}

function notJson(): FetchmlError {
  return new FetchmlError(
    "invalid-request",
    'The body of /rpc is JSON: send it with the header "content-type: application/json".',
  );
}
