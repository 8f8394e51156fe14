// The sides of a comparison, and a job as one.
import { fetchManifest } from "@fetchml/client/code";
import type { Manifest } from "@fetchml/protocol";
import { findJobWithCode } from "../job-with-code.ts";
import { jobWords } from "../render/outcome-words.ts";
import type { Session } from "../session.ts";
import { jobSource, type ContentSource } from "./content-source.ts";
import type { FactsOf } from "./job-facts.ts";

/** One side. */
export interface Side {
  /** For a person. */
  readonly label: string;
  /** Id of its snapshot; `null` for a job without a project. */
  readonly snapshot: string | null;
  /** What is known of it beside its code; `null` for a folder. */
  readonly facts: FactsOf | null;
  /** For a program. */
  readonly json: unknown;
  readonly source: ContentSource;
  /** Where in the project somebody stands, empty for its root; `null` for a job. */
  readonly cwd: string | null;
  /** Whether a path, of either side, is one that cannot be compared. */
  isLeftOut(path: string): boolean;
  /** Asks for it at the first call. @throws FetchmlError as `fetchManifest` does */
  manifest(): Promise<Manifest>;
}

/** A job, as it was queued. @throws FetchmlError job-not-found, and as the server does */
export async function jobSide(session: Session, reference: string): Promise<Side> {
  const facts = await findJobWithCode(session, reference);
  const { job, own } = facts;
  const { snapshot } = own;
  return {
    label: `job ${jobWords(job)}`,
    snapshot,
    facts,
    json: { job_id: job.id, name: job.name, user: job.user, snapshot },
    source: jobSource(session, job.id),
    cwd: null,
    isLeftOut: () => false,
    manifest: () => fetchManifest(session.endpoint, { jobId: job.id, snapshot }),
  };
}
