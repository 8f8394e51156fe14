// Connects to a port to see what is there, and says nothing on the connection.

/** Where to connect. */
export interface ProbedPort {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Certificates to trust in place of the system's authorities, as PEM. */
  readonly ca?: string | null;
  /** Time allowed, in milliseconds. Default 5 s. */
  readonly timeLimitMs?: number;
}

const TIME_LIMIT_MS = 5_000;

/** Why the port cannot be connected to, such as `ECONNREFUSED`; `null` when it can. */
export async function probePort(at: ProbedPort): Promise<string | null> {
  const seen = await connected(at, { open: () => ({}) });
  return "trouble" in seen ? seen.trouble : null;
}

/** Until when the certificate at that port is good, epoch milliseconds, where it is trusted; else why it is not. */
export async function probeCertificate(
  at: ProbedPort,
): Promise<{ readonly validTo: number } | { readonly trouble: string }> {
  return connected(at, {
    tls: at.ca ? { ca: at.ca } : true,
    handshake: (socket, isTrusted, error) =>
      isTrusted
        ? { validTo: Date.parse(socket.getPeerCertificate().valid_to) }
        : { trouble: codeOf(error) },
  });
}

interface Trouble {
  readonly trouble: string;
}

interface Steps<T> {
  readonly tls?: true | { readonly ca: string };
  readonly open?: () => T;
  readonly handshake?: (socket: Bun.Socket, isTrusted: boolean, error: Error | null) => T;
}

async function connected<T extends object>(
  { host, port, timeLimitMs = TIME_LIMIT_MS }: ProbedPort,
  { tls, open, handshake }: Steps<T>,
): Promise<T | Trouble> {
  const { promise, resolve } = Promise.withResolvers<T | Trouble>();
  const timer = setTimeout(
    () => resolve({ trouble: `no answer within ${timeLimitMs / 1000} s` }),
    timeLimitMs,
  );
  const connecting = Bun.connect({
    hostname: host,
    port,
    ...(tls === undefined ? {} : { tls }),
    socket: {
      data: () => undefined,
      open: () => {
        if (open !== undefined) resolve(open());
      },
      ...(handshake === undefined
        ? {}
        : {
            handshake: (socket, isTrusted, error) => resolve(handshake(socket, isTrusted, error)),
          }),
      close: (_, error) => resolve({ trouble: error === undefined ? "ECONNRESET" : codeOf(error) }),
    },
  });
  connecting.catch((error: unknown) => resolve({ trouble: codeOf(error) }));
  const seen = await promise;
  clearTimeout(timer);
  // One that is still connecting is dropped when it has.
  void connecting.then(
    (socket) => socket.end(),
    () => undefined,
  );
  return seen;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "ECONNRESET";
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
