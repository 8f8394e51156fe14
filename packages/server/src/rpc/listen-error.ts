// Says why a door could not be opened, and what to do.
import { DEFAULT_PORT, FetchmlError } from "@fetchml/protocol";

/** The error for a failed attempt to listen. One that nobody can mend is given back as it is. */
export function listenError(
  where: { readonly hostname: string; readonly port: number } | { readonly unix: string },
  error: unknown,
): unknown {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if ("unix" in where) {
    return new FetchmlError(
      "box-unfit",
      `Cannot make the socket ${where.unix}: ${String(code ?? error)}.\nThe data folder must lie on a local disk that its owner can write to.`,
      { cause: error },
    );
  }
  const address = `${where.hostname}:${where.port}`;
  switch (code) {
    case "EADDRINUSE":
      return portTaken(address, where.port);
    case "EACCES":
      return new FetchmlError(
        "box-unfit",
        `Cannot listen on ${address}: this account may not use that port. Take one above 1023 with --listen.`,
        { cause: error },
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new FetchmlError(
        "box-unfit",
        `Cannot listen on ${address}: this box has no such address. --listen takes one of its own, such as 127.0.0.1:${where.port}.`,
        { cause: error },
      );
    default:
      return error;
  }
}

function portTaken(address: string, port: number): FetchmlError {
  const whose =
    port === DEFAULT_PORT
      ? `Another server may run already, or Prometheus node_exporter, whose port ${DEFAULT_PORT} is too.`
      : "Another server may run already.";
  return new FetchmlError(
    "port-taken",
    `Cannot listen on ${address}: another program has the port. ${whose}\n"ss -ltnp" shows which; "fetchml serve --listen 127.0.0.1:${port + 1}" takes another port.`,
    { details: { address } },
  );
}
