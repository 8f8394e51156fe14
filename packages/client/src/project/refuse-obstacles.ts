// Refuses a project that cannot be sent as it is, naming what stands in the way and the line that takes it out.
import { FetchmlError } from "@fetchml/protocol";
import { groupObstacles, type ObstacleGroup } from "./obstacle-groups.ts";
import { obstacleAt, type Obstacle } from "./refusal.ts";

/** What is known of a project that is refused. */
export interface Refused {
  /** Absolute path. */
  readonly root: string;
  /** What of it would be sent, obstacles or not; `null`: not known. */
  readonly sent?: readonly { readonly path: string }[] | null;
  /** What else a person can do, as a sentence; `null`: nothing. */
  readonly otherwise?: string | null;
}

/**
 * Refuses a project that has obstacles. The first few are named in the message. Up to 100 are in the details, those that one line leaves
 * out as one, as three lists of the same length: `paths`, `reasons`, `ignore_lines`; `count` says how many there are.
 *
 * @throws FetchmlError bad-project, unless there are none
 */
export function refuseIfAny(
  { root, sent = null, otherwise = null }: Refused,
  obstacles: readonly Obstacle[],
): void {
  const [first, ...others] = obstacles;
  if (first === undefined) return;
  const names = others.slice(0, SHOWN).map(({ path }) => `"${path}"`);
  if (others.length > SHOWN) names.push("…");
  const more = others.length === 0 ? "" : ` Likewise ${others.length} more: ${names.join(", ")}.`;
  const groups = groupObstacles(obstacles, { root, sent });
  const hints = [...(otherwise === null ? [] : [otherwise]), ...hintsOf(groups)].join(" ");
  const told = groups.slice(0, TOLD);
  throw new FetchmlError(
    "bad-project",
    `Cannot send the project ${root}: "${first.path}" ${first.why}.${more}\n` +
      `${hints === "" ? "" : `${hints}\n`}${adviceFor(groups, obstacles.length)}: ${groups[0]?.ignoreLine ?? first.ignoreLine}`,
    {
      details: {
        paths: told.map(({ path }) => path),
        reasons: told.map(({ why }) => why),
        ignore_lines: told.map(({ ignoreLine }) => ignoreLine),
        count: groups.length,
      },
    },
  );
}

/** Refuses files that were taken for secrets, unless they may be sent. @throws FetchmlError bad-project */
export function refuseSecrets(
  { root, allowSecrets = false }: { readonly root: string; readonly allowSecrets?: boolean },
  secrets: readonly Obstacle[],
): void {
  const otherwise = "If the server may have it, add --allow-secrets.";
  if (!allowSecrets) refuseIfAny({ root, otherwise }, secrets);
}

/** What to do about a file that does not keep still. */
export const WAIT_ADVICE =
  "Something is writing it, so nothing was queued: wait until that is done and run the command again.";

/** Refuses a project of which a file, given by its absolute path, changed each time it was sent. @throws FetchmlError bad-project */
export function refuseChanging(root: string, path: string): void {
  const inProject = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
  refuseIfAny({ root, otherwise: WAIT_ADVICE }, [
    obstacleAt(inProject, "changed each time it was sent"),
  ]);
}

const SHOWN = 3;
const TOLD = 100;

/** Of each sort the first: they say the same but for an example. */
function hintsOf(groups: readonly ObstacleGroup[]): readonly string[] {
  const rebuilt = groups.find(({ isRebuilt }) => isRebuilt)?.hint;
  const other = groups.find(({ isRebuilt, hint }) => !isRebuilt && hint !== undefined)?.hint;
  return [rebuilt, other].filter((hint) => hint !== undefined);
}

function adviceFor(groups: readonly ObstacleGroup[], count: number): string {
  if (groups.length > 1) return "Take them away, or add a line for each to .mlignore, such as";
  if (groups[0]?.isRebuilt === true) return "Add this line to .mlignore";
  return `Take ${count === 1 ? "it" : "them"} away, or add this line to .mlignore`;
}
