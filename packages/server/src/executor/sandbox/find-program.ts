// Finds the programs that launchers need.
import { FetchmlError } from "@fetchml/protocol";

/**
 * Absolute path of a program of util-linux or coreutils.
 *
 * @param path where it is looked for, as in PATH.
 * @throws FetchmlError box-unfit when there is none.
 */
export function findProgram(
  name: "setsid" | "setpriv" | "flock" | "nsenter",
  path: string,
): string {
  const found = Bun.which(name, { PATH: path });
  if (found !== null) return found;
  throw new FetchmlError(
    "box-unfit",
    `Cannot run jobs: there is no "${name}" in ${path}.\nInstall the package util-linux.`,
  );
}
