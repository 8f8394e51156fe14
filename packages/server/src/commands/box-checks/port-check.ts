// Checks that the server's port is free, or that this very server has it.
import { existsSync, readFileSync } from "node:fs";
import type { Settings } from "../../config/settings.ts";
import { socketPath } from "../data-folder.ts";
import { shellWord } from "../shell-word.ts";
import { failed, ok, type BoxCheck } from "./box-check.ts";

const NAME = "port";

/** More than a hundred times what an answer takes on one machine. */
const PATIENCE_MS = 3_000;

/** Asks whoever listens there. */
export async function checkPort({
  listen: { host, port },
  dataDir,
  configPath,
}: Pick<Settings, "listen" | "dataDir" | "configPath">): Promise<BoxCheck> {
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
    fix: otherPort(configPath, `${shown}:${port === 65_535 ? 9101 : port + 1}`),
    facts: { ...facts, taken: true },
  });
}

/** What has the server listen elsewhere. A config that is not there yet is about to be written, with its `listen`. */
function otherPort(configPath: string | null, address: string): string {
  if (configPath === null) return `fetchml serve --listen ${address}`;
  const sudo = configPath.startsWith("/etc/") ? "sudo " : "";
  if (existsSync(configPath) && !/^listen *=/m.test(readFileSync(configPath, "utf8"))) {
    return `${sudo}\${EDITOR:-vi} ${shellWord(configPath)}`;
  }
  return `${sudo}sed -i 's/^listen *=.*/listen = "${address}"/' ${shellWord(configPath)}`;
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
