// The server's settings: what each means, its default, and the file they come from.
import * as z from "zod/mini";
import { DEFAULT_PORT, parseSize } from "@fetchml/protocol";
import type { GuardRules } from "../domain/guard-rules.ts";
import type { DiskShare, RetentionRules } from "../domain/retention-rules.ts";
import { GuardKeys } from "./guard-settings.ts";
import { RetentionKeys } from "./retention-settings.ts";

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

const Mount = z.strictObject({
  path: z.string(),
  /** `rw` lets every job write there. Default `ro`. */
  mode: z.optional(z.enum(["ro", "rw"])),
});

const UidRange = z.pipe(
  z.string().check(
    z.refine((text) => parseUidRange(text) !== null, {
      error: 'expected a range such as "1900000000-1900009999", from 1000 on',
    }),
  ),
  z.transform((text) => parseUidRange(text) ?? NO_UIDS),
);

const NO_UIDS = { first: 0, count: 0 };

/** `FIRST-LAST` as a range of at least two numbers that Linux can use; `null` for any other text. */
export function parseUidRange(
  text: string,
): { readonly first: number; readonly count: number } | null {
  const match = /^(\d{4,10})-(\d{4,10})$/.exec(text);
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || first < 1000 || last <= first || last > 4_294_967_293) return null;
  return { first, count: last - first + 1 };
}

/** `config.toml` of the server. Every key may be left out. */
export const ConfigFile = z.strictObject({
  /** Folder of the database, logs, snapshots and outputs. Default `$STATE_DIRECTORY`, else `~/.local/share/fetchml`. */
  data_dir: z.optional(z.string().check(z.minLength(1))),
  /** `HOST:PORT`. Default `127.0.0.1:9100`; any but a loopback address takes `--behind-proxy`. */
  listen: z.optional(z.string()),
  /** How jobs are kept apart: `bubblewrap`, `account`, `none`, or `auto`, the first of them that works here. Default `auto`. */
  sandbox: z.optional(z.enum(SANDBOXES)),
  /** Folders of the box that jobs see at the same path, such as `[{ path = "/data", mode = "ro" }]`; default none. */
  mounts: z.optional(z.array(Mount)),
  /** `FIRST-LAST`: numbers of accounts that jobs alone use, where the server is root. Default `1900000000-1900009999`. */
  job_uids: z.optional(UidRange),
  /** CPU cores that jobs may use together; default all. */
  cpus: z.optional(z.int().check(z.gte(1))),
  /** Memory that jobs may use together; default all. */
  mem: z.optional(Size),
  /** UUIDs of the GPUs that jobs may use; default all that `nvidia-smi` lists. */
  gpus: z.optional(z.array(z.string())),
  /** PATH of jobs. Default `/usr/local/bin:/usr/bin:/bin`. */
  job_path: z.optional(z.string()),
  /** Names by which the server may be called besides localhost, such as the proxy's. Default none. */
  allowed_hosts: z.optional(z.array(z.string())),
  /** Addresses or networks (`10.0.0.0/8`) of proxies whose `X-Forwarded-For` is believed; default none. */
  trusted_proxies: z.optional(z.array(Network)),
  /** All files of one snapshot together at most, whatever a project's `ml.toml` says; default 10G. */
  snapshot_max_size: z.optional(Size),
  /** One file of a snapshot at most; default 10G. */
  snapshot_max_file_size: z.optional(Size),
  /** Files and links of one snapshot at most, and as many folders; default 100,000. */
  snapshot_max_files: z.optional(z.int().check(z.gte(1), z.lte(1_000_000))),
  ...RetentionKeys,
  ...GuardKeys,
  /** The least that is worth a line of the server's own log: `debug`, `info`, `warn` or `error`. Default `info`. */
  log_level: z.optional(z.enum(["debug", "info", "warn", "error"])),
});

export type ConfigFile = z.infer<typeof ConfigFile>;

/** Values used where nothing else is said. */
export const DEFAULTS = {
  listen: `127.0.0.1:${DEFAULT_PORT}`,
  sandbox: "auto",
  /** No account of any distribution and no container of systemd, Docker or Podman has these. */
  job_uids: "1900000000-1900009999",
  job_path: "/usr/local/bin:/usr/bin:/bin",
  /** Far above what a client sends unless its project says otherwise: 200 MiB, 50 MiB and 50,000. */
  snapshot_max_size: 10 * 1024 ** 3,
  snapshot_max_file_size: 10 * 1024 ** 3,
  snapshot_max_files: 100_000,
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
  /** What every job sees of the box beside the system, at the same path. */
  readonly mounts: readonly { readonly path: string; readonly mode: "ro" | "rw" }[];
  /** Accounts of jobs, where the server is root. */
  readonly jobUids: { readonly first: number; readonly count: number };
  readonly cpus: number | null;
  readonly memBytes: number | null;
  readonly gpus: readonly string[] | null;
  readonly allowedHosts: readonly string[];
  /** Addresses and networks of proxies that tell the client's address. */
  readonly trustedProxies: readonly string[];
  /** Upper bounds of one snapshot: bytes in all, bytes of one file, files and links. */
  readonly snapshotMax: {
    readonly sizeBytes: number;
    readonly fileSizeBytes: number;
    readonly files: number;
  };
  /** What is kept of ended jobs. */
  readonly retention: RetentionRules;
  /** What a job may take at most. */
  readonly guards: GuardRules;
  /** How much of the disk is kept free; `null`: a twentieth, at most 2 GiB. */
  readonly minFree: DiskShare | null;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  /** What every job's environment begins with. */
  readonly jobEnv: { readonly PATH: string; readonly LANG: string; readonly TZ?: string };
}
