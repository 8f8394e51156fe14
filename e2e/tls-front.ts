// The proxies of deploy/ as real processes before a box: their documented configuration, with the names, paths and ports of a test.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { makeCertificate, type Certificate } from "./bitwarden/vault/certificate.ts";
import { runToEnd, until, type Ended } from "./box.ts";
import { freePort } from "./ssh-box.ts";

/** A running proxy with TLS on 127.0.0.1. */
export interface Front {
  readonly port: number;
  /** For `api_url`. */
  readonly url: string;
  readonly certificate: Certificate;
  /** What the proxy's own check says of the configuration that runs. */
  check(): Promise<Ended>;
  /** All that it has written to files so far. */
  logs(): string;
  /** Ends it. Safe twice. */
  close(): Promise<void>;
}

/** One replacement in a documented configuration. */
export type Replacement = readonly [from: string, to: string];

/** How a proxy is started. */
export interface FrontOptions {
  /** A folder that is made. */
  readonly folder: string;
  readonly boxPort: number;
  /** Further replacements, beside names, paths and ports. */
  readonly replacing?: readonly Replacement[];
}

/** The text of a file of deploy/. */
export function documented(name: string): string {
  return readFileSync(join(import.meta.dir, "../deploy", name), "utf8");
}

/** The settings that the comment of such a file asks of the server. */
export function serverSettings(text: string): string {
  return [...text.matchAll(/^# {3}(\w+ = .*)$/gm)].map(([, line = ""]) => `${line}\n`).join("");
}

/** The text with all replacements made, each of which must have something to replace. @throws Error when one has not */
export function fitted(text: string, replacements: readonly Replacement[]): string {
  return replacements.reduce((done, [from, to]) => {
    if (!done.includes(from)) throw new Error(`the configuration has no ${from}`);
    return done.replaceAll(from, to);
  }, text);
}

/** The names, paths and ports that a test puts into the configuration of nginx. */
export function nginxPlaces(folder: string, port: number, boxPort: number): readonly Replacement[] {
  return [
    ["listen 443 ", `listen 127.0.0.1:${port} `],
    ["server_name box.example.org", "server_name 127.0.0.1"],
    ["127.0.0.1:9100", `127.0.0.1:${boxPort}`],
    ["/etc/ssl/private/box.pem", join(folder, "server.pem")],
    ["/etc/ssl/private/box.key", join(folder, "server.key")],
    ["/var/log/nginx/", join(folder, "logs/")],
  ];
}

/** The same for Caddy. */
export function caddyPlaces(
  folder: string,
  ports: { readonly port: number; readonly boxPort: number; readonly adminPort: number },
): readonly Replacement[] {
  return [
    ["localhost:2019", `localhost:${ports.adminPort}`],
    ["https://box.example.org:443", `https://127.0.0.1:${ports.port}`],
    ["127.0.0.1:9100", `127.0.0.1:${ports.boxPort}`],
    ["/etc/caddy/box.pem", join(folder, "server.pem")],
    ["/etc/caddy/box.key", join(folder, "server.key")],
    ["/var/log/caddy/", join(folder, "logs/")],
  ];
}

/** Starts nginx with deploy/nginx.conf. */
export async function startNginx({
  folder,
  boxPort,
  replacing = [],
}: FrontOptions): Promise<Front> {
  const port = await freePort();
  const certificate = prepare(folder);
  const places = nginxPlaces(folder, port, boxPort);
  writeFileSync(
    join(folder, "fetchml.conf"),
    fitted(documented("nginx.conf"), [...places, ...replacing]),
  );
  writeFileSync(join(folder, "nginx.conf"), aroundSite(folder));
  const words = ["nginx", "-c", join(folder, "nginx.conf"), "-e", join(folder, "logs/start.log")];
  return running({ words, check: [...words, "-t"], folder, port, certificate });
}

/** Starts Caddy with deploy/Caddyfile. */
export async function startCaddy({ folder, boxPort }: FrontOptions): Promise<Front> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const certificate = prepare(folder);
  const file = join(folder, "Caddyfile");
  const places = caddyPlaces(folder, { port, boxPort, adminPort });
  writeFileSync(file, fitted(documented("Caddyfile"), places));
  const settings = ["--adapter", "caddyfile", "--config", file];
  return running({
    words: ["caddy", "run", ...settings],
    check: ["caddy", "validate", ...settings],
    folder,
    port,
    certificate,
  });
}

function prepare(folder: string): Certificate {
  mkdirSync(join(folder, "logs"), { recursive: true });
  return makeCertificate(folder);
}

/** What Debian's own nginx.conf has around the file of a site, as far as it matters. */
function aroundSite(folder: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `  ${kind}_temp_path ${join(folder, kind)};\n`)
    .join("");
  const user = process.getuid?.() === 0 ? "user root;\n" : "";
  return `${user}daemon off;
pid ${join(folder, "nginx.pid")};
events { worker_connections 768; }
http {
${temporary}  access_log ${join(folder, "logs/access.log")};
  include ${join(folder, "fetchml.conf")};
}
`;
}

interface Running {
  readonly words: readonly string[];
  readonly check: readonly string[];
  readonly folder: string;
  readonly port: number;
  readonly certificate: Certificate;
}

async function running({ words, check, folder, port, certificate }: Running): Promise<Front> {
  const logs = join(folder, "logs");
  const env = { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin`, HOME: folder };
  const said = Bun.file(join(logs, "said.log"));
  const child = Bun.spawn([...words], { env, stdin: "ignore", stdout: "ignore", stderr: said });
  await until(() => answers(port), `${words.join(" ")} does not listen`);
  return {
    port,
    url: `wss://127.0.0.1:${port}/ws`,
    certificate,
    check: () => runToEnd(check, { env }),
    logs: () =>
      readdirSync(logs)
        .map((name) => readFileSync(join(logs, name), "utf8"))
        .join(""),
    close: async () => {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}
