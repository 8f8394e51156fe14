// An answer that is streamed for as long as its key lives, no faster than it is taken.
import type { KeyHolder } from "../domain/principal.ts";
import type { BunServer, Door } from "./door.ts";
import { EVERY_ANSWER } from "./http-answer.ts";

/** What is streamed to whom. */
export interface StreamedAnswer {
  readonly holder: KeyHolder;
  readonly request: Request;
  readonly server: BunServer;
  readonly type: string;
  /** Further headers, and the status, 200 unless said. */
  readonly head?: { readonly status: number; readonly headers: Readonly<Record<string, string>> };
  /** Finds out what to send; whatever it throws is answered instead. */
  readonly open: (signal: AbortSignal) => Promise<Pieces>;
}

/** What is sent, piece by piece; `return` is called when no more of it is wanted. */
export type Pieces = Pick<
  AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>,
  "next" | "return"
>;

/** Seconds that the receiver may take for one piece. */
const SILENCE_S = 120;

/**
 * Resolves with the answer as soon as its first byte may leave. When the key ends, the server stops or a piece fails, the
 * connection is cut before the end of the answer, so that the receiver knows that it is not whole.
 *
 * @throws FetchmlError what `open` throws, and what the end of the key says
 */
export function streamedAnswer(door: Door, answer: StreamedAnswer): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const { holder, request, server, type, head } = answer;
  door.transfers
    .run(holder, door.ctx.authenticator, async (signal) => {
      const pieces = await answer.open(signal);
      const { stream, ended } = streamOf(pieces, {
        signal,
        allowSilence: () => server.timeout(request, SILENCE_S),
      });
      const headers = { ...EVERY_ANSWER, "content-type": type, ...head?.headers };
      resolve(new Response(stream, { status: head?.status ?? 200, headers }));
      await ended;
    })
    // After the answer has begun nobody hears it any more.
    .catch(reject);
  return promise;
}

function streamOf(
  pieces: Pieces,
  { signal, allowSilence }: { readonly signal: AbortSignal; readonly allowSilence: () => void },
): {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly ended: Promise<void>;
} {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const settled = new AbortController();
  // What goes wrong while files are closed is nobody's business any more.
  const drop = async (): Promise<void> => {
    settled.abort();
    await pieces.return().catch(() => undefined);
    end();
  };
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(controller) {
        const cut = (): void => {
          controller.error(signal.reason);
          void drop();
        };
        // At once, and not with the next piece: a receiver that takes nothing would hold it all for as long as it likes.
        signal.addEventListener("abort", cut, { signal: settled.signal });
      },
      async pull(controller) {
        allowSilence();
        try {
          const { done, value } = await pieces.next();
          if (settled.signal.aborted) return;
          if (done !== true) return controller.enqueue(value);
          controller.close();
        } catch (error) {
          if (!settled.signal.aborted) controller.error(error);
        }
        await drop();
      },
      cancel: drop,
    },
    { highWaterMark: 0 },
  );
  return { stream, ended };
}
