// Notices that the other end of a connection has gone without a word.

/** Times of {@link watchLiveness}, in milliseconds. */
export interface LivenessTimes {
  /** How often it is looked, and how long nothing may come before a ping is sent. */
  readonly lookEveryMs: number;
  /** How long nothing may come, pongs included, before the connection counts as dead. */
  readonly silenceMs: number;
}

/** The server pings every 25 s; the client asks for itself too, so that another server's habits do not matter. */
export const LIVENESS: LivenessTimes = { lookEveryMs: 20_000, silenceMs: 60_000 };

/**
 * Watches an open socket: pings it when it is silent, calls `onDead` once when it stays silent. A laptop that slept, or a
 * tunnel that froze, would otherwise keep a call waiting until the kernel gives up, which takes 15 minutes.
 *
 * @returns ends the watch; safe twice
 */
export function watchLiveness(
  socket: WebSocket,
  onDead: () => void,
  times: LivenessTimes = LIVENESS,
): () => void {
  let silentMs = 0;
  const heard = () => {
    silentMs = 0;
  };
  // Counts looks, not clock time: time in which this machine slept is no silence of the other end.
  const timer = setInterval(() => {
    silentMs += times.lookEveryMs;
    if (silentMs > times.silenceMs) {
      stop();
      onDead();
    } else {
      socket.ping();
    }
  }, times.lookEveryMs);
  for (const event of EVENTS) socket.addEventListener(event, heard);
  const stop = () => {
    clearInterval(timer);
    for (const event of EVENTS) socket.removeEventListener(event, heard);
  };
  return stop;
}

const EVENTS = ["message", "ping", "pong"] as const;
