// Refuses a project that cannot be sent as it is, naming what stands in the way and the line that takes it out.
import { FetchmlError } from "@fetchml/protocol";

/** One thing in a project that cannot be sent. */
export interface Obstacle {
  /** Relative to the root, as it may be shown. */
  readonly path: string;
  /** The end of a sentence that begins with the path: `is a named pipe`. */
  readonly why: string;
  /** Line of an ignore file that leaves it out. */
  readonly ignoreLine: string;
}

/** An obstacle at a path that is valid text. */
export function obstacleAt(path: string, why: string): Obstacle {
  return { path: shownPath(path), why, ignoreLine: ignoreLineFor(path) };
}

/**
 * A line for `.mlignore` or `.gitignore` at the root that names this path; no other, but that a control character, which
 * no line can hold, is any character there.
 */
export function ignoreLineFor(path: string): string {
  const escaped = path.replace(/[\\*?[]/g, String.raw`\$&`).replace(/ $/, String.raw`\ `);
  // Git's `?` is one byte.
  return `/${escaped.replace(/\p{Cc}/gu, (one) => "?".repeat(Buffer.byteLength(one)))}`;
}

/** A path as it may stand in a message: control characters are written out. */
export function shownPath(path: string): string {
  return JSON.stringify(path).slice(1, -1).replaceAll('\\"', '"').replaceAll("\\\\", "\\");
}

/**
 * Refuses a project that has obstacles. The first few are named in the message; up to 100 are in the details, as three
 * lists of the same length: `paths`, `reasons`, `ignore_lines`.
 *
 * @param otherwise what else a person can do, as a sentence
 * @throws FetchmlError bad-project, unless there are none
 */
export function refuseIfAny(
  root: string,
  obstacles: readonly Obstacle[],
  otherwise: string | null = null,
): void {
  const [first, ...others] = obstacles;
  if (first === undefined) return;
  const names = others.slice(0, SHOWN).map(({ path }) => `"${path}"`);
  if (others.length > SHOWN) names.push("…");
  const more = others.length === 0 ? "" : ` Likewise ${others.length} more: ${names.join(", ")}.`;
  const advice =
    others.length === 0
      ? "Take it away, or add this line to .mlignore"
      : "Take them away, or add a line for each to .mlignore, such as";
  const told = obstacles.slice(0, TOLD);
  throw new FetchmlError(
    "bad-project",
    `Cannot send the project ${root}: "${first.path}" ${first.why}.${more}\n` +
      `${otherwise === null ? "" : `${otherwise}\n`}${advice}: ${first.ignoreLine}`,
    {
      details: {
        paths: told.map(({ path }) => path),
        reasons: told.map(({ why }) => why),
        ignore_lines: told.map(({ ignoreLine }) => ignoreLine),
      },
    },
  );
}

/** Refuses files that were taken for secrets, unless they may be sent. @throws FetchmlError bad-project */
export function refuseSecrets(
  { root, allowSecrets = false }: { readonly root: string; readonly allowSecrets?: boolean },
  secrets: readonly Obstacle[],
): void {
  if (!allowSecrets) refuseIfAny(root, secrets, "If the server may have it, add --allow-secrets.");
}

/** What to do about a file that does not keep still. */
export const WAIT_ADVICE =
  "Something is writing it, so nothing was queued: wait until that is done and run the command again.";

/** Refuses a project of which a file, given by its absolute path, changed each time it was sent. @throws FetchmlError bad-project */
export function refuseChanging(root: string, path: string): void {
  const inProject = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
  refuseIfAny(root, [obstacleAt(inProject, "changed each time it was sent")], WAIT_ADVICE);
}

const SHOWN = 3;
const TOLD = 100;
