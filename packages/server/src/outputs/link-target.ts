// Where a link in the outputs points, as it will still be right in a copy of them elsewhere.
import { dirname, relative } from "node:path/posix";

/**
 * The target of a link. One that names the folder of the outputs by its place on the box, as `$ML_OUTPUT_DIR` has it, becomes
 * relative to the link; any other is as it stands.
 *
 * @param folder the outputs, absolute
 * @param path of the link, relative to them
 */
export function targetInside(folder: string, path: string, target: string): string {
  if (target !== folder && !target.startsWith(`${folder}/`)) return target;
  // Not resolved: what `..` behind another link means is for whoever follows it to find out.
  const rest = target.slice(folder.length).replace(/^\/+/, "");
  const up = relative(`/${dirname(path)}`, "/");
  return [up, rest].filter((part) => part !== "").join("/") || ".";
}
