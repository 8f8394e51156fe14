// The server's settings: what each means, its default, and the file they come from.
import * as z from "zod/mini";
import { DEFAULT_PORT, parseSize } from "@fetchml/protocol";

/** How jobs are kept apart from the box. */
export const SANDBOXES = ["auto", "bubblewrap", "account", "none"] as const;

/** The word for a way of keeping jobs apart. */
export type Sandbox = (typeof SANDBOXES)[number];

const Size = z.pipe(
  z
    .string()
    .check(
      z.refine((text) => parseSize(text) !== null, { error: 'expected a size such as "64G"' }),
    ),
  z.transform((text) => parseSize(text) ?? 0),
);

const Network = z.string().check(
  z.refine((text) => isNetwork(text), {
    error: 'expected addresses or networks such as ["127.0.0.1", "10.0.0.0/8"]',
  }),
);

function isNetwork(text: string): boolean {
  const [address = "", bits = "0", ...rest] = text.split("/");
  if (rest.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
  return (isIpv4(address) && Number(bits) <= 32) || (isIpv6(address) && Number(bits) <= 128);
}

function isIpv4(text: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) && URL.canParse(`http://${text}/`);
}

function isIpv6(text: string): boolean {
  return /^[0-9a-f:.]+$/i.test(text) && text.includes(":") && URL.canParse(`http://[${text}]/`);
}

/** `config.toml` of the server. Every key may be left out. */
export const ConfigFile = z.strictObject({
  /** Folder of the database, logs, snapshots and outputs. */
  data_dir: z.optional(z.string().check(z.minLength(1))),
  /** `HOST:PORT`. */
  listen: z.optional(z.string()),
  sandbox: z.optional(z.enum(SANDBOXES)),
  /** CPU cores that jobs may use together; default all. */
  cpus: z.optional(z.int().check(z.gte(1))),
  /** Memory that jobs may use together; default all. */
  mem: z.optional(Size),
  /** UUIDs of the GPUs that jobs may use; default all that `nvidia-smi` lists. */
  gpus: z.optional(z.array(z.string())),
  /** PATH of jobs. */
  job_path: z.optional(z.string()),
  /** Names by which the server may be called besides localhost, such as the proxy's. */
  allowed_hosts: z.optional(z.array(z.string())),
  /** Addresses or networks (`10.0.0.0/8`) of proxies whose `X-Forwarded-For` is believed; default none. */
  trusted_proxies: z.optional(z.array(Network)),
  log_level: z.optional(z.enum(["debug", "info", "warn", "error"])),
});

export type ConfigFile = z.infer<typeof ConfigFile>;

/** Values used where nothing else is said. */
export const DEFAULTS = {
  listen: `127.0.0.1:${DEFAULT_PORT}`,
  sandbox: "auto",
  job_path: "/usr/local/bin:/usr/bin:/bin",
  log_level: "info",
} as const;

/** All settings of one server, complete. */
export interface Settings {
  readonly dataDir: string;
  /** The file they came from; `null` when there is none. */
  readonly configPath: string | null;
  readonly listen: { readonly host: string; readonly port: number };
  readonly behindProxy: boolean;
  readonly sandbox: Sandbox;
  readonly cpus: number | null;
  readonly memBytes: number | null;
  readonly gpus: readonly string[] | null;
  readonly allowedHosts: readonly string[];
  /** Addresses and networks of proxies that tell the client's address. */
  readonly trustedProxies: readonly string[];
  readonly logLevel: "debug" | "info" | "warn" | "error";
  /** What every job's environment begins with. */
  readonly jobEnv: { readonly PATH: string; readonly LANG: string; readonly TZ?: string };
}
