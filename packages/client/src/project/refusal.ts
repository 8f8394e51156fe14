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

/** A line for `.mlignore` at the root that names this path and no other. */
export function ignoreLineFor(path: string): string {
  return `/${path.replace(/[\\*?[]/g, String.raw`\$&`).replace(/ $/, String.raw`\ `)}`;
}

/** A path as it may stand in a message: control characters are written out. */
export function shownPath(path: string): string {
  return JSON.stringify(path).slice(1, -1).replaceAll('\\"', '"').replaceAll("\\\\", "\\");
}

/**
 * Refuses a project that has obstacles: up to 100 are in the details, the first few in the message.
 * @throws FetchmlError bad-project, unless there are none
 */
export function refuseIfAny(root: string, obstacles: readonly Obstacle[]): void {
  const [first, ...others] = obstacles;
  if (first === undefined) return;
  const more =
    others.length === 0
      ? ""
      : ` Likewise ${others.length} more: ${others
          .slice(0, SHOWN)
          .map(({ path }) => `"${path}"`)
          .join(", ")}${others.length > SHOWN ? ", …" : ""}.`;
  throw new FetchmlError(
    "bad-project",
    `Cannot send the project ${root}: "${first.path}" ${first.why}.${more}\nTake it away, or add this line to .mlignore: ${first.ignoreLine}`,
    {
      details: {
        paths: obstacles.slice(0, TOLD).map(({ path }) => path),
        ignore_lines: obstacles.slice(0, TOLD).map(({ ignoreLine }) => ignoreLine),
      },
    },
  );
}

const SHOWN = 3;
const TOLD = 100;
