// Tells a person that Git told nothing of a repository, what that means for what is sent, and what to do.
import { ignoreLineFor, shownPath } from "./refusal.ts";
import type { GitMute } from "./run-git.ts";

/** What to say when nothing is known of the repository around the project. */
export function muteHere(why: GitMute): string {
  return `${HEARD[why]} this repository; ${LEFT_OUT} ${adviceFor(why, "here")}`;
}

/** What to say of repositories inside the project, by their paths from its root: a line for each reason. */
export function muteInside(mute: ReadonlyMap<string, GitMute>): readonly string[] {
  return (["refused", "silent"] as const).flatMap((why) => {
    const [first, ...others] = [...mute.keys()].filter((path) => mute.get(path) === why);
    if (first === undefined) return [];
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    const where = `the repository in "${shownPath(first)}"${more}`;
    const line = why === "silent" ? ` Or add this line to .mlignore: ${ignoreLineFor(first)}/` : "";
    return [`${HEARD[why]} ${where}; ${LEFT_OUT} ${adviceFor(why, "there")}${line}`];
  });
}

/** What to say when Git did not come to tell whether files have changed; `folder` is empty for the repository around. */
export function unknownChanges(folder: string): string {
  const where = folder === "" ? "this repository" : `the repository in "${shownPath(folder)}"`;
  const advice = adviceFor("silent", folder === "" ? "here" : "there");
  return `${HEARD.silent} ${where}; whether it has changed is not known. ${advice}`;
}

const HEARD = {
  refused: "Git could not be asked about",
  silent: "Git gave no answer in time about",
} as const;

const LEFT_OUT = "files that it tracks although they are ignored are left out.";

function adviceFor(why: GitMute, place: "here" | "there"): string {
  return why === "refused"
    ? `Run "git status" ${place} to see why.`
    : `Run "git status" ${place}: if it hangs, a file in its .git folder or of its settings is most likely a pipe, or its disk is slow.`;
}
