// Refuses a `setup_key` that names what is not sent: its setup would count as the same for ever.
import { posix } from "node:path";
import type { FrozenProject } from "@fetchml/client/project";
import { FetchmlError } from "@fetchml/protocol";
import type { ProjectHere } from "./project-here.ts";

/**
 * Checks that every path of `setup_key` is a file or a folder of the frozen project; `.` is the whole of it.
 *
 * @throws FetchmlError bad-file, naming the first that is none
 */
export function checkSetupKey({ file }: ProjectHere, frozen: Pick<FrozenProject, "content">): void {
  if (file === null || file.setup === null || file.setup_key === null) return;
  if (file.setup_key.length === 0) return;
  const sent = new Set<string>(["."]);
  for (const { path } of frozen.content().manifest.entries) {
    // A folder is sent where a file below it is.
    for (let at = path; !sent.has(at); at = posix.dirname(at)) sent.add(at);
  }
  const odd = file.setup_key.find((path) => !isIn(sent, path));
  if (odd === undefined) return;
  throw new FetchmlError(
    "bad-file",
    `Cannot use ${file.path}: setup_key names ${JSON.stringify(odd)}, which the project does not send.\n${adviceFor(odd)}`,
    { details: { file: file.path, key: "project.setup_key", path: odd } },
  );
}

function isIn(sent: ReadonlySet<string>, path: string): boolean {
  if (path.startsWith("/") || path.split("/").includes("..")) return false;
  return sent.has(posix.normalize(path).replace(/(?<=.)\/+$/, ""));
}

function adviceFor(path: string): string {
  if (/[*?[]/.test(path)) return "It takes no patterns: name each file, or the folder they are in.";
  return "Name files or folders of the project, from its root; see what is sent with: ml queue JOB --dry-run";
}
