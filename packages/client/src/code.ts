// The code of jobs that were queued: given back as a folder, and read to be compared.
export { fetchBlobs } from "./code/fetch-blobs.ts";
export { giveCodeBack, type CodeGiven } from "./code/give-back.ts";
export { fetchManifest } from "./code/job-manifest.ts";
