// Options that say what a job needs, the same for every command that takes them.
import type { OptionSpec, OptionSpecs } from "../command.ts";

/** What a job may ask for when it is submitted or edited. */
export const RESOURCE_OPTIONS = {
  gpus: { type: "string", value: "N", help: "whole GPUs (0)" },
  cpus: { type: "string", value: "N", help: "CPU cores (1)" },
  mem: { type: "string", value: "16G", help: "main memory" },
  timeout: { type: "string", value: "6h", help: 'end it after that time; "none" for no limit' },
  retries: { type: "string", value: "N", help: "start it again so often when it fails (0)" },
  begin: {
    type: "string",
    value: "TIME",
    help: "not before 22:00, 2026-12-01T08:00 or +2h",
  },
} as const satisfies OptionSpecs;

const ALLOW_SECRETS = {
  type: "boolean",
  help: "send private keys, .env and the like too; never FetchML keys",
} as const satisfies OptionSpec;

const MOUNT = {
  type: "string",
  multiple: true,
  value: "PATH",
  help: "a folder of the box that the job cannot do without; may be repeated",
} as const satisfies OptionSpec;

const NO_OUTPUT = {
  type: "string",
  value: "30m",
  help: "end it when it has written nothing for that time",
} as const satisfies OptionSpec;

const SECRET = {
  type: "string",
  multiple: true,
  value: "NAME",
  help: 'a secret of yours as a variable, see "ml secret set"; may be repeated',
} as const satisfies OptionSpec;

/** Options of `ml redo`: what may be different this time. */
export const REDO_OPTIONS = {
  ...RESOURCE_OPTIONS,
  env: {
    type: "string",
    multiple: true,
    value: "K=V",
    help: "a variable beside those of the job; K alone takes its value from here; may be repeated",
  },
  "no-output": NO_OUTPUT,
  secret: SECRET,
  mount: MOUNT,
  hold: { type: "boolean", help: 'wait until "ml release"' },
  fresh: { type: "boolean", help: "send the project folder that you are in, as it is now" },
  "allow-secrets": ALLOW_SECRETS,
} as const satisfies OptionSpecs;

/** Options of `ml queue` and `ml run`. They win over `ml.toml`. */
export const SUBMIT_OPTIONS = {
  ...RESOURCE_OPTIONS,
  env: {
    type: "string",
    multiple: true,
    value: "K=V",
    help: "a variable for the job; K alone takes its value from here; may be repeated",
  },
  "no-output": NO_OUTPUT,
  secret: SECRET,
  mount: MOUNT,
  hold: { type: "boolean", help: 'wait until "ml release"' },
  "allow-secrets": ALLOW_SECRETS,
  "dry-run": { type: "boolean", help: "show what would be sent and run, and stop" },
} as const satisfies OptionSpecs;
