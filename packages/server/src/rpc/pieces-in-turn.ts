// Gives the pieces of an answer when it is its user's turn.
import type { Pieces } from "./streamed-answer.ts";
import type { Turn, UserTurns } from "./user-turns.ts";

/** Whose turn it is, and what ends the waiting for it and then the turn. */
export interface Waiting {
  readonly userId: number;
  readonly signal: AbortSignal;
}

/**
 * Pieces that are begun once it is the user's turn. The turn is theirs until `return` is called, also after the last piece.
 *
 * @throws FetchmlError quota-exceeded when too many wait already; what the signal was aborted with, and what `begin` throws
 */
export function piecesInTurn(
  turns: UserTurns,
  { userId, signal }: Waiting,
  begin: (turn: Turn) => Pieces | Promise<Pieces>,
): Promise<Pieces> {
  const { promise: begun, resolve, reject } = Promise.withResolvers<Pieces>();
  const { promise: over, resolve: end } = Promise.withResolvers<undefined>();
  const work = async (turn: Turn): Promise<undefined> => {
    const pieces = await begin(turn);
    // Nobody calls `return` of what is never sent.
    signal.throwIfAborted();
    signal.addEventListener("abort", () => end(undefined));
    resolve({
      next: () => pieces.next(),
      return: async () => {
        try {
          return await pieces.return();
        } finally {
          end(undefined);
        }
      },
    });
    return over;
  };
  turns.run(userId, signal, work).catch(reject);
  return begun;
}
