// What a backup may hold, by name: a name that is not among these is never written to a disk.

/** The first member: what the backup is. */
export const LABEL = "backup.json";

/** The last member: the SHA-256 of every other one, in the form of `sha256sum`. */
export const SUMS = "SHA256SUMS";

/** The copy of the database. */
export const DATABASE = "fetchml.db";

/** The config file of the server. */
export const CONFIG = "config.toml";

/** When each secret was set, which the archive itself keeps to the second only. */
export const SECRET_TIMES = "secrets/times.json";

const SINGLE = new Set([LABEL, SUMS, DATABASE, CONFIG, SECRET_TIMES, "secrets/key"]);

const FAMILIES = [
  /^secrets\/users\/[a-z0-9][a-z0-9._-]{0,31}\/[A-Za-z_][A-Za-z0-9_]{0,63}$/,
  /^snapshots\/(?:manifests|blobs)\/[0-9a-f]{2}\/[0-9a-f]{62}$/,
  /^snapshots\/packs\/[0-9a-z-]{1,64}$/,
];

/** Whether a backup may hold a member of that name. */
export function isMemberName(name: string): boolean {
  return SINGLE.has(name) || FAMILIES.some((form) => form.test(name));
}

/** The hash that a member of that name must have; `null` where the name says nothing of it. */
export function hashInName(name: string): string | null {
  const match = /^snapshots\/(?:manifests|blobs)\/([0-9a-f]{2})\/([0-9a-f]{62})$/.exec(name);
  return match === null ? null : `${match[1]}${match[2]}`;
}
