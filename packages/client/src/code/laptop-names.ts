// Names that are fine on the box and would do harm, or could not be, on the machine where code is given back.
import { IGNORED_ON_MAC } from "@fetchml/protocol";

/**
 * What is wrong with a path on this machine, as the end of a sentence that begins with the path; `null` if nothing is. The
 * path is one that may stand in a manifest.
 *
 * @param platform as Node names it
 */
export function laptopNameProblem(path: string, platform: string): string | null {
  for (const name of path.split("/")) {
    // Git runs commands that the files in there name, as soon as anybody types `git status`.
    if (isDotGit(name, platform)) return `has ${JSON.stringify(name)} as a part, where Git looks`;
    if (platform !== "win32") continue;
    if (/[<>:"|?*]/.test(name)) return "holds a sign that Windows does not allow in names";
    if (/[. ]$/.test(name)) return "has a part that ends in a dot or a space, which Windows drops";
    if (DEVICE.test(name)) return `has ${JSON.stringify(name)} as a part, a device on Windows`;
  }
  return null;
}

const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(?:\..*)?$/i;

function isDotGit(name: string, platform: string): boolean {
  switch (platform) {
    case "darwin":
      return name.replace(IGNORED_ON_MAC, "").toLowerCase() === ".git";
    case "win32":
      // The short name that NTFS gives to `.git`.
      return /^(?:\.git|git~1)[. ]*$/i.test(name);
    default:
      return name === ".git";
  }
}
