// Refuses a job whose working folder is not sent: it could only fail as soon as it starts.
import { join } from "node:path";
import { shownPath, type FrozenProject } from "@fetchml/client/project";
import { FetchmlError } from "@fetchml/protocol";

/**
 * Checks that the folder in which a job is going to run is in the frozen project. Of a job that runs in the root nothing is
 * looked at: to list an unchanged project takes longer than all the rest.
 *
 * @param cwd relative to the project's root; empty for the root itself
 * @throws FetchmlError bad-project
 */
export function checkWorkingFolder(
  cwd: string,
  frozen: Pick<FrozenProject, "root" | "content">,
): void {
  if (cwd === "") return;
  const { root } = frozen;
  const below = `${cwd}/`;
  const isSent = frozen
    .content()
    .manifest.entries.some(
      ({ kind, path }) => path.startsWith(below) || (kind === "symlink" && path === cwd),
    );
  if (isSent) return;
  throw new FetchmlError(
    "bad-project",
    `Cannot run a job in ${shownPath(join(root, cwd))}: the folder ${shownPath(cwd)} has no file that is sent.\n` +
      `Add one (an ignore file may leave out what is there), or run the command from ${shownPath(root)}.`,
    { details: { cwd } },
  );
}
