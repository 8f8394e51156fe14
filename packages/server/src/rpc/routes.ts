// Leads HTTP requests to what answers them.
import { FetchmlError } from "@fetchml/protocol";
import { listPage } from "../queue/look.ts";
import { receiveBlobStream, receiveManifest } from "./bulk.ts";
import { identify, type BunServer, type Door } from "./door.ts";
import { errorAnswer, EVERY_ANSWER, replyAnswer, wordAnswer } from "./http-answer.ts";
import { refuseStrayKey } from "./http-guard.ts";
import { replyTo } from "./replies.ts";
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
    refuseStrayKey(request);
    const route = ROUTES.get(path);
    if (route === undefined) throw unknownPath();
    if (!route.methods.includes(request.method)) return wrongMethod(route.methods);
    return await route.answer(door, request, server);
  } catch (error) {
    return errorAnswer(asFetchmlError(error, `${request.method} ${path}`, door.ctx.log));
  }
}

const ROUTES: ReadonlyMap<
  string,
  { readonly methods: readonly string[]; readonly answer: Answering }
> = new Map([
  ["/healthz", { methods: ["GET", "HEAD"], answer: () => wordAnswer("ok") }],
  ["/readyz", { methods: ["GET", "HEAD"], answer: answerReady }],
  ["/ws", { methods: ["GET"], answer: openSocket }],
  ["/rpc", { methods: ["POST"], answer: answerCall }],
  ["/snapshots", { methods: ["POST"], answer: receiveManifest }],
  ["/blobs", { methods: ["POST"], answer: receiveBlobStream }],
]);

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

async function answerCall(door: Door, request: Request, server: BunServer): Promise<Response> {
  const { principal, address } = await identify(door, request, server);
  const type = request.headers.get("content-type") ?? "application/json";
  if (!/^application\/json\s*(;|$)/i.test(type)) throw notJson();
  const text = await readRequestText(request);
  return replyAnswer(await replyTo(door.ctx, { principal, address, feed: null }, text));
}

function unknownPath(): FetchmlError {
  return new FetchmlError(
    "method-not-found",
    "There is nothing at this address. FetchML answers at /ws, /rpc, /snapshots, /blobs, /healthz and /readyz.",
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
