// Checks that the server's port is free, or that this very server has it.
import type { Settings } from "../../config/settings.ts";
import { socketPath } from "../data-folder.ts";
import { failed, ok, type BoxCheck } from "./box-check.ts";

const NAME = "port";

/** More than a hundred times what an answer takes on one machine. */
const PATIENCE_MS = 3_000;

/** Asks whoever listens there. */
export async function checkPort({
  listen: { host, port },
  dataDir,
}: Pick<Settings, "listen" | "dataDir">): Promise<BoxCheck> {
  const shown = host.includes(":") ? `[${host}]` : host;
  const address = `${shown}:${port}`;
  const facts = { host, port };
  if (port === 0 || !(await answers(`http://${reachable(shown)}:${port}/healthz`))) {
    return ok(NAME, `${address} is free`, { ...facts, taken: false });
  }
  if (await answers("http://localhost/healthz", socketPath(dataDir))) {
    return ok(NAME, `FetchML listens on ${address}`, { ...facts, taken: true });
  }
  return failed(NAME, {
    message: `something else listens on ${address}; 9100 is also the port of Prometheus' node_exporter`,
    fix: `fetchml serve --listen ${shown}:${port === 65_535 ? 9101 : port + 1}`,
    facts: { ...facts, taken: true },
  });
}

/** Whether anybody is there: a refusal to connect says nobody; a strange answer, or none, says somebody. */
async function answers(url: string, unix?: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    await fetch(url, { signal, proxy: "", ...(unix !== undefined && { unix }) });
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    return (
      code !== "ConnectionRefused" &&
      code !== "ECONNREFUSED" &&
      code !== "ENOENT" &&
      code !== "FileNotFound"
    );
  }
}

/** Where one knocks at a server that listens everywhere. */
function reachable(host: string): string {
  return ["0.0.0.0", "[::]"].includes(host) ? "localhost" : host;
}
