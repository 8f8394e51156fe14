// The body of an answer, piece by piece, when the connection may be cut at any of them.
import { connectError, type TriedPlace } from "./connect-failure.ts";
import { SocketFailure } from "./socket-failure.ts";

/**
 * The pieces of a body in order. Whoever stops early ends the transfer.
 *
 * @throws FetchmlError `unreachable` when the connection is lost before the end
 */
export async function* answerBody(
  response: Response,
  endpoint: TriedPlace,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (response.body === null) return;
  const reader: Reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw connectError(endpoint, SocketFailure.of(error));
      });
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

interface Reader {
  read(): Promise<Piece>;
  cancel(): Promise<void>;
}

type Piece =
  | { readonly done: true; readonly value?: undefined }
  | { readonly done: false; readonly value: Uint8Array };
