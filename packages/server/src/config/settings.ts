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
  readonly logLevel: "debug" | "info" | "warn" | "error";
  /** What every job's environment begins with. */
  readonly jobEnv: { readonly PATH: string; readonly LANG: string; readonly TZ?: string };
}
