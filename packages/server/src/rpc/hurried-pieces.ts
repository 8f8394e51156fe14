// Gives the receiver of an answer less time while others wait for its turn.
import type { Pieces } from "./streamed-answer.ts";
import type { Turn } from "./user-turns.ts";

/**
 * The same pieces, of which the receiver may take each for the turn's short silence once others wait: who went away would keep them
 * waiting for two minutes. The short time is given once for each piece, however many come and go.
 *
 * @param allowSilence gives the receiver that many seconds from now on
 */
export function hurriedPieces(
  pieces: Pieces,
  { turn, allowSilence }: { readonly turn: Turn; readonly allowSilence: (seconds: number) => void },
): Pieces {
  let isHurried = false;
  const hurry = (): void => {
    if (isHurried) return;
    isHurried = true;
    allowSilence(turn.awaitedSilenceS);
  };
  const close = turn.whenAwaited(hurry);
  return {
    next: () => {
      isHurried = false;
      if (turn.isAwaited) hurry();
      return pieces.next();
    },
    return: () => {
      close();
      return pieces.return();
    },
  };
}
