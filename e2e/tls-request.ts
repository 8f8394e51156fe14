// One raw HTTP request over TLS, as no client of ours would send it.
import { readFileSync } from "node:fs";
import { connect } from "node:tls";
import type { Front } from "./tls-front.ts";

/** What to send. */
export interface RawRequest {
  /** Path and query. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The address of this machine to come from. */
  readonly from?: string;
}

/** Sends `GET` to the proxy and answers all that came back. */
export function tlsRequest({ port, certificate }: Front, request: RawRequest): Promise<string> {
  const headers = { host: "127.0.0.1", connection: "close", ...request.headers };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect({
      host: "127.0.0.1",
      port,
      ca: readFileSync(certificate.authorityPath),
      ...(request.from === undefined ? {} : { localAddress: request.from }),
    });
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => (answer += text));
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
    socket.write([`GET ${request.target} HTTP/1.1`, ...lines, "", ""].join("\r\n"));
  });
}
