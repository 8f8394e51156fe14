// What `worker_host` says: the box, and maybe as whom one logs in there.

/** A host, and the account before the `@` where there is one. */
export interface WorkerHost {
  /** A name or an address, as it is written. */
  readonly host: string;
  readonly user: string | null;
}

/** Reads `HOST` or `USER@HOST`; `null` for what is neither. */
export function parseWorkerHost(text: string): WorkerHost | null {
  const [, user = null, host = ""] = /^(?:([^@]*)@)?([^@]*)$/.exec(text) ?? [];
  if (!HOST.test(host) || (user !== null && !USER.test(user))) return null;
  return { host, user };
}

const HOST = /^(?!-)[\p{L}\p{N}_.:[\]-]+$/u;
/** No white space and nothing a shell or `ssh` would take for more than a name. */
const USER = /^(?!-)[\p{L}\p{N}_.+\\-]+$/u;
