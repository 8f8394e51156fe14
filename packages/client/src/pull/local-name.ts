// Which paths of a job's outputs may be made on this machine.
import { laptopNameProblem } from "../code/laptop-names.ts";

/** The folder in which unfinished files lie, at the top of the target. */
export const PARTS_FOLDER = ".ml-pull";

/**
 * What is wrong with making this path here, as the end of a sentence that begins with it; `null` when nothing is. Nothing is
 * taken for granted: the path is what the server says.
 *
 * @param platform as Node names it
 */
export function localPathProblem(path: string, platform: string): string | null {
  const names = path.split("/");
  const isBelow = names.every((name) => name !== "" && name !== "." && name !== "..");
  if (!isBelow || path.includes("\0") || !path.isWellFormed()) {
    return "is no path below the outputs";
  }
  if (names[0]?.toLowerCase() === PARTS_FOLDER) return "has the name of ml's own folder";
  // oxlint-disable-next-line no-control-regex -- control characters are meant
  if (platform === "win32" && /[\u0000-\u001f\\]/.test(path)) {
    return "holds a sign that Windows does not allow in names";
  }
  return laptopNameProblem(path, platform);
}
