// How the files of a job are addressed on a server.

/** What part of a job's files is meant: what an attempt has left, what all attempts share, or the log of an attempt. */
export type RemoteKind = "outputs" | "checkpoints" | "log";

/** The address of a job's list of files, or of its log, for `requestHttp`. */
export function treeAddress(job: string, kind: RemoteKind): string {
  return `/jobs/${encodeURIComponent(job)}/${kind}`;
}

/** The address of one file in a list. */
export function fileAddress(tree: string, path: string): string {
  return `${tree}/${path.split("/").map(encodeURIComponent).join("/")}`;
}
