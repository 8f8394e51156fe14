// Which paths a manifest may hold. The client asks before it sends, the server trusts nobody and asks again.
import { NEW_TREE, type TreeRules } from "./manifest-rules.ts";
import { manifestTextProblem } from "./manifest-text.ts";

/** Longest name between two slashes, in bytes of UTF-8. */
export const MAX_NAME_BYTES = 255;

/** What is wrong with the path of an entry, as the end of a sentence that begins with the path; `null` if nothing is. */
export function manifestPathProblem(
  path: string,
  { pathBytes, depth }: TreeRules = NEW_TREE,
): string | null {
  // Nearly all are such, and need no closer look: no name is too long, and no more than 127 folders are above.
  if (path.length <= MAX_NAME_BYTES && PLAIN_PATH.test(path)) return null;
  const problem = manifestTextProblem(path, pathBytes);
  if (problem !== null) return problem;
  const names = path.split("/");
  for (const name of names) {
    if (name === "") return "has an empty part between its slashes";
    if (name === "." || name === "..") return `has ${JSON.stringify(name)} as a part`;
    // A name of up to 85 UTF-16 units cannot have more than 255 bytes.
    if (name.length > MAX_NAME_BYTES / 3 && Buffer.byteLength(name) > MAX_NAME_BYTES) {
      return `has a part of more than ${MAX_NAME_BYTES} bytes`;
    }
  }
  return names.length - 1 > depth ? `lies more than ${depth} folders deep` : null;
}

const PLAIN_PATH = /^\w[\w.-]*(?:\/\w[\w.-]*)*$/;
