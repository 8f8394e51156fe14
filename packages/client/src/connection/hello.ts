// The server's first frame: is it FetchML, and does it speak this protocol?
import { FetchmlError, PRODUCT_VERSION, PROTOCOL_VERSION } from "@fetchml/protocol";
import { notFetchml } from "./connect-failure.ts";
import { isRecord, type Frame } from "./envelope.ts";

/** The error to end the connection with when its first frame is not a hello of this protocol; `undefined` when it is. */
export function helloProblem(apiUrl: string, frame: Frame): FetchmlError | undefined {
  const params = frame.kind === "notification" && frame.method === "hello" ? frame.params : null;
  const version = isRecord(params) ? params["protocol_version"] : undefined;
  if (!isRecord(params) || typeof version !== "number") {
    return notFetchml(apiUrl, "its first words are not FetchML's");
  }
  if (version === PROTOCOL_VERSION) return undefined;
  const server = typeof params["server_version"] === "string" ? params["server_version"] : "?";
  const versions = `It speaks protocol ${version} (FetchML ${server}), this ml protocol ${PROTOCOL_VERSION} (${PRODUCT_VERSION}).`;
  const advice =
    version > PROTOCOL_VERSION
      ? "Upgrade ml on this machine."
      : "Upgrade FetchML on the server (ask your admin), or use an older ml.";
  return new FetchmlError(
    "protocol-mismatch",
    `Cannot talk to FetchML at ${apiUrl}.\n${versions}\n${advice}`,
    { details: { server_protocol: version, client_protocol: PROTOCOL_VERSION } },
  );
}
