// What else brings a project somewhere: rsync and cp into a folder, git into its own store.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { timed } from "./timed.ts";

/** One run of something that brings a project somewhere. */
export interface Run {
  readonly ms: number;
  /** Bytes sent; `null` for what does not say. */
  readonly bytes: number | null;
}

/** Something that brings a project to a place of its own, again and again. */
export interface Contender {
  readonly name: string;
  run(project: string): Promise<Run>;
}

/** `rsync -a` into a folder. */
export function rsyncTo(folder: string): Contender {
  return {
    name: "rsync -a",
    async run(project) {
      const { ms, stdout } = await timed(["rsync", "-a", "--stats", `${project}/`, `${folder}/`]);
      const bytes = /Total bytes sent: ([\d,]+)/.exec(stdout)?.[1]?.replaceAll(",", "");
      return { ms, bytes: bytes === undefined ? null : Number(bytes) };
    },
  };
}

/** `cp -r` into a new folder each time. */
export function cpTo(folder: string): Contender {
  let turn = 0;
  mkdirSync(folder, { recursive: true });
  return {
    name: "cp -r",
    async run(project) {
      const { ms } = await timed(["cp", "-r", project, join(folder, String((turn += 1)))]);
      return { ms, bytes: null };
    },
  };
}

/** `git add -A && git stash create`, in a repository outside the project, which stays as it is. */
export async function gitIn(folder: string): Promise<Contender> {
  mkdirSync(folder, { recursive: true });
  const env = {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: folder,
    GIT_DIR: join(folder, "git"),
    GIT_AUTHOR_NAME: "bench",
    GIT_AUTHOR_EMAIL: "bench@localhost",
    GIT_COMMITTER_NAME: "bench",
    GIT_COMMITTER_EMAIL: "bench@localhost",
  };
  await timed(["git", "init", "--quiet"], { env });
  // A stash needs a commit to stand on.
  const empty = ["git", "commit", "--quiet", "--allow-empty", "--message", "empty"];
  await timed(empty, { env: { ...env, GIT_WORK_TREE: folder } });
  return {
    name: "git add, stash create",
    async run(project) {
      const { ms } = await timed(["sh", "-c", "git add -A && git stash create"], {
        cwd: project,
        env: { ...env, GIT_WORK_TREE: project },
      });
      return { ms, bytes: null };
    },
  };
}
