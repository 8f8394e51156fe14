// How many files and links there are, in words.
import { formatSize } from "@fetchml/protocol";

/** `12 files (3.4 MiB) and 1 link`; links are named where there are some. `bytes` is the size of all files together. */
export function filesWords(counts: {
  readonly files: number;
  readonly links: number;
  readonly bytes: number;
}): string {
  const files = `${counted(counts.files, "file")} (${formatSize(counts.bytes)})`;
  return counts.links === 0 ? files : `${files} and ${counted(counts.links, "link")}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
