// Checks where the server listens, by what the kernel says and not only by the config: beyond this machine, keys can be read.
import { isLoopbackHost } from "@fetchml/protocol";
import type { Settings } from "../../config/settings.ts";
import { failed, ok, warning, type BoxCheck } from "../box-checks/box-check.ts";
import { checkPort } from "../box-checks/port-check.ts";
import { socketPath } from "../data-folder.ts";
import { listeningBeside } from "./listening.ts";

const NAME = "port";

/** What this judges by. */
type Exposed = Pick<Settings, "listen" | "dataDir" | "trustedProxies" | "configPath">;

/** Looks at the sockets of the running server; without one, at the config and at whether the port is free. */
export async function checkExposure(settings: Exposed, proc = "/proc"): Promise<BoxCheck> {
  const running = listeningBeside(socketPath(settings.dataDir), proc);
  const { listen } = settings;
  const places = running === null ? [listen] : running.sockets;
  const shown = places.map(addressOf).join(", ");
  const facts = { listens: shown, is_running: running !== null };
  const open = places.find(({ host }) => !isLoopbackHost(host));
  if (open === undefined) {
    if (running === null) return checkPort(settings);
    return ok(NAME, `FetchML listens on ${shown}, which no other machine reaches`, facts);
  }
  const [proxy] = settings.trustedProxies;
  if (proxy === undefined) {
    const message = `FetchML listens on ${shown}, and no proxy is named in trusted_proxies: everybody near can read keys on the way`;
    return failed(NAME, { message, fix: closeCommand(settings), facts });
  }
  const message = `FetchML listens on ${shown}: let nobody but the proxy reach that port`;
  const fix = `sudo ufw allow proto tcp from ${proxy} to any port ${open.port}`;
  return warning(NAME, { message, fix, facts });
}

function closeCommand({ listen: { host, port }, configPath }: Exposed): string {
  if (configPath !== null && !isLoopbackHost(host)) return `\${EDITOR:-vi} ${configPath}`;
  return `fetchml serve --listen 127.0.0.1:${port}`;
}

function addressOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
