// Every command of `fetchml`: its words, options, help, and where its code is.
import type { ParseArgsOptionsConfig } from "node:util";
import type { Invocation } from "./invocation.ts";

/** One command. `run` answers the exit code. */
export interface AdminCommand {
  /** `serve`, `key issue`. */
  readonly name: string;
  readonly summary: string;
  /** What follows the name, as help shows it. */
  readonly usage: string;
  readonly example: string;
  readonly positionals: { readonly min: number; readonly max: number };
  readonly options: ParseArgsOptionsConfig;
  readonly load: () => Promise<{ readonly run: (invocation: Invocation) => Promise<number> }>;
}

/** Options that every command takes. */
export const COMMON_OPTIONS = {
  config: { type: "string" },
  "data-dir": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const satisfies ParseArgsOptionsConfig;

const none = { min: 0, max: 0 };
const one = { min: 1, max: 1 };

/** All commands, in the order in which help shows them. */
export const adminCommands: readonly AdminCommand[] = [
  {
    name: "serve",
    summary: "Run the server.",
    usage: "[--listen HOST:PORT] [--sandbox auto|bubblewrap|account|none] [--behind-proxy]",
    example: "fetchml serve --data-dir /srv/fetchml",
    positionals: none,
    options: {
      listen: { type: "string" },
      sandbox: { type: "string" },
      "behind-proxy": { type: "boolean" },
    },
    load: () => import("./serve.ts"),
  },
  {
    name: "init",
    summary: "Check the box, and set up config, data folder, service and first user.",
    usage:
      "[--user NAME] [--listen HOST:PORT] [--sandbox auto|bubblewrap|account|none] [--no-unit] [--yes]",
    example: "fetchml init --user alice",
    positionals: none,
    options: {
      user: { type: "string" },
      listen: { type: "string" },
      sandbox: { type: "string" },
      "no-unit": { type: "boolean" },
      yes: { type: "boolean", short: "y" },
    },
    load: () => import("./init.ts"),
  },
  {
    name: "user add",
    summary: "Add a user (role: viewer, member or admin; default member).",
    usage: "NAME [--role viewer|member|admin] [--json]",
    example: "fetchml user add alice",
    positionals: one,
    options: { role: { type: "string" }, json: { type: "boolean" } },
    load: async () => ({ run: (await import("./user.ts")).addUser }),
  },
  {
    name: "user list",
    summary: "List users.",
    usage: "[--json]",
    example: "fetchml user list",
    positionals: none,
    options: { json: { type: "boolean" } },
    load: async () => ({ run: (await import("./user.ts")).listUsers }),
  },
  {
    name: "user set-role",
    summary: "Give a user another role.",
    usage: "NAME viewer|member|admin [--json]",
    example: "fetchml user set-role alice admin",
    positionals: { min: 2, max: 2 },
    options: { json: { type: "boolean" } },
    load: async () => ({ run: (await import("./user.ts")).setUserRole }),
  },
  {
    name: "user disable",
    summary: "Shut a user out; keys and jobs stay.",
    usage: "NAME",
    example: "fetchml user disable alice",
    positionals: one,
    options: { json: { type: "boolean" } },
    load: async () => ({ run: (await import("./user.ts")).disableUser }),
  },
  {
    name: "user enable",
    summary: "Let a disabled user in again.",
    usage: "NAME",
    example: "fetchml user enable alice",
    positionals: one,
    options: { json: { type: "boolean" } },
    load: async () => ({ run: (await import("./user.ts")).enableUser }),
  },
  {
    name: "user remove",
    summary: "Remove a user who has no unfinished jobs, and revoke the user's keys.",
    usage: "NAME",
    example: "fetchml user remove alice",
    positionals: one,
    options: { json: { type: "boolean" } },
    load: async () => ({ run: (await import("./user.ts")).removeUser }),
  },
  {
    name: "key issue",
    summary: "Issue a key; shown once, alone on stdout.",
    usage: "USER [--label LABEL] [--expires 180d|never] [--spoken [--force] | --json]",
    example: "fetchml key issue alice --label laptop",
    positionals: one,
    options: {
      label: { type: "string" },
      expires: { type: "string" },
      spoken: { type: "boolean" },
      force: { type: "boolean" },
      json: { type: "boolean" },
    },
    load: async () => ({ run: (await import("./key.ts")).issueKey }),
  },
  {
    name: "key list",
    summary: "List keys, of one user or of all.",
    usage: "[USER] [--json]",
    example: "fetchml key list alice",
    positionals: { min: 0, max: 1 },
    options: { json: { type: "boolean" } },
    load: async () => ({ run: (await import("./key.ts")).listKeys }),
  },
  {
    name: "key rotate",
    summary:
      "Issue a key in place of another, which works on for a day; shown once, alone on stdout.",
    usage: "ID | --user USER [--grace 24h | --leaked] [--json]",
    example: "fetchml key rotate --user alice --leaked",
    positionals: { min: 0, max: 1 },
    options: {
      user: { type: "string" },
      grace: { type: "string" },
      leaked: { type: "boolean" },
      json: { type: "boolean" },
    },
    load: () => import("./key-rotate.ts"),
  },
  {
    name: "key revoke",
    summary: "Revoke a key, or all keys of a user, and close their connections.",
    usage: "ID | --user USER [--cancel-jobs] [--json]",
    example: "fetchml key revoke --user alice --cancel-jobs",
    positionals: { min: 0, max: 1 },
    options: {
      user: { type: "string" },
      "cancel-jobs": { type: "boolean" },
      json: { type: "boolean" },
    },
    load: async () => ({ run: (await import("./key.ts")).revokeKey }),
  },
  {
    name: "key import",
    summary: "Take in a key that was issued before, as after a lost database.",
    usage:
      "USER --key-stdin | --id ID --hash-stdin [--label LABEL] [--expires 180d|never] [--json]",
    example: "fetchml key import alice --id kpaz --hash-stdin < hash.txt",
    positionals: one,
    options: {
      "key-stdin": { type: "boolean" },
      id: { type: "string" },
      "hash-stdin": { type: "boolean" },
      label: { type: "string" },
      expires: { type: "string" },
      json: { type: "boolean" },
    },
    load: () => import("./key-import.ts"),
  },
  {
    name: "gc",
    summary: "Remove what is kept too long and what nobody needs.",
    usage: "[--dry-run] [--json]",
    example: "fetchml gc --dry-run",
    positionals: none,
    options: { "dry-run": { type: "boolean" }, json: { type: "boolean" } },
    load: () => import("./gc.ts"),
  },
  {
    name: "drain",
    summary: "Start nothing new, or give a GPU to no job; what runs goes on.",
    usage: "[--gpu UUID] [--json]",
    example: "fetchml drain",
    positionals: none,
    options: { gpu: { type: "string" }, json: { type: "boolean" } },
    load: async () => ({ run: (await import("./drain.ts")).drain }),
  },
  {
    name: "resume",
    summary: "Start jobs again, or give a GPU to jobs again.",
    usage: "[--gpu UUID] [--json]",
    example: "fetchml resume",
    positionals: none,
    options: { gpu: { type: "string" }, json: { type: "boolean" } },
    load: async () => ({ run: (await import("./drain.ts")).resume }),
  },
  {
    name: "doctor",
    summary: "Find out what is wrong with this box.",
    usage: "[--json]",
    example: "fetchml doctor",
    positionals: none,
    options: { json: { type: "boolean" } },
    load: () => import("./doctor.ts"),
  },
  {
    name: "backup",
    summary: "Write database, config and queued code into one verified file; the server works on.",
    usage: "FILE [--with-blobs] [--with-secrets] [--force] [--json]",
    example: "fetchml backup /var/backups/fetchml.backup.tar --with-blobs --force",
    positionals: one,
    options: {
      "with-blobs": { type: "boolean" },
      "with-secrets": { type: "boolean" },
      force: { type: "boolean" },
      json: { type: "boolean" },
    },
    load: () => import("./backup.ts"),
  },
  {
    name: "restore",
    summary: "Make an empty folder a data folder again, from a backup.",
    usage: "FILE [--revoke-all-keys] [--json]",
    example: "fetchml restore /var/backups/fetchml.backup.tar --data-dir /srv/fetchml",
    positionals: one,
    options: { "revoke-all-keys": { type: "boolean" }, json: { type: "boolean" } },
    load: () => import("./restore.ts"),
  },
  {
    name: "audit",
    summary: "Show what was done to users and keys, and who was refused.",
    usage: "[--since 7d] [--json]",
    example: "fetchml audit --since 12h",
    positionals: none,
    options: { since: { type: "string" }, json: { type: "boolean" } },
    load: () => import("./audit.ts"),
  },
];
