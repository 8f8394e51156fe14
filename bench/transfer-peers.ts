// What else brings a project somewhere: rsync and cp into a folder, git into its own store.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { timed } from "./timed.ts";

/** What is done with a project, in this order. */
export type Act = "first" | "unchanged" | "one changed";

/** One run of something that brings a project somewhere. */
export interface Run {
  readonly ms: number;
  /** Bytes sent; `null` for what does not say. */
  readonly bytes: number | null;
  /** The same with a wait for the disk after it; absent for what waits by itself, or writes nothing worth it. */
  readonly syncedMs?: number;
}

/** Something that brings a project to a place of its own, again and again. */
export interface Contender {
  readonly name: string;
  readonly acts: readonly Act[];
  run(project: string): Promise<Run>;
}

/** `rsync -a` into a folder. */
export function rsyncTo(folder: string): Contender {
  mkdirSync(folder, { recursive: true });
  return {
    name: "rsync -a",
    acts: ["first", "unchanged", "one changed"],
    async run(project) {
      const { ms, stdout } = await timed(["rsync", "-a", "--stats", `${project}/`, `${folder}/`]);
      const bytes = /Total bytes sent: ([\d,]+)/.exec(stdout)?.[1]?.replaceAll(",", "");
      const syncedMs = ms + (await syncOf(folder));
      return { ms, bytes: bytes === undefined ? null : Number(bytes), syncedMs };
    },
  };
}

/** `cp -r` into a new folder each time. */
export function copyTo(folder: string): Contender {
  let turn = 0;
  mkdirSync(folder, { recursive: true });
  return {
    name: "cp -r",
    acts: ["first"],
    async run(project) {
      const { ms } = await timed(["cp", "-r", project, join(folder, String((turn += 1)))]);
      return { ms, bytes: null, syncedMs: ms + (await syncOf(folder)) };
    },
  };
}

/** How long the disk takes to have all of it. */
async function syncOf(folder: string): Promise<number> {
  return (await timed(["sync", "--file-system", folder])).ms;
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
    acts: ["first", "unchanged", "one changed"],
    async run(project) {
      const { ms } = await timed(["sh", "-c", "git add -A && git stash create"], {
        cwd: project,
        env: { ...env, GIT_WORK_TREE: project },
      });
      return { ms, bytes: null };
    },
  };
}
