// Where a link in the outputs points, as it will still be right in a copy of them elsewhere.
import { dirname, relative } from "node:path/posix";

/**
 * The target of a link. One that names the folder of the outputs as the job knows it, by `$ML_OUTPUT_DIR`, becomes relative to the
 * link; any other is as it stands.
 *
 * @param folders the outputs, absolute: every path by which the job may know them
 * @param path of the link, relative to them
 */
export function targetInside(folders: readonly string[], path: string, target: string): string {
  const folder = folders.find((one) => target === one || target.startsWith(`${one}/`));
  if (folder === undefined) return target;
  // Not resolved: what `..` behind another link means is for whoever follows it to find out.
  const rest = target.slice(folder.length).replace(/^\/+/, "");
  const up = relative(`/${dirname(path)}`, "/");
  return [up, rest].filter((part) => part !== "").join("/") || ".";
}
