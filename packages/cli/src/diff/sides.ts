// The two sides of a comparison: jobs, or a job and the project folder here.
import { shortPath } from "@fetchml/client";
import { fetchManifest } from "@fetchml/client/code";
import type { Manifest } from "@fetchml/protocol";
import type { Environment } from "../environment.ts";
import { findJobWithCode } from "../job-with-code.ts";
import { projectHere } from "../project-here.ts";
import { jobWords } from "../render/outcome-words.ts";
import { plainText } from "../render/plain-text.ts";
import type { Session } from "../session.ts";
import { freezePlan } from "../submission.ts";
import { folderSource, jobSource, type ContentSource } from "./content-source.ts";
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
    manifest: () => fetchManifest(session.endpoint, { jobId: job.id, snapshot }),
  };
}

/** The project folder that one is in, as it is now. @throws FetchmlError bad-file, bad-project */
export async function folderSide(environment: Environment): Promise<Side> {
  // Nothing of it leaves this machine.
  const plan = { ...projectHere(environment), allowSecrets: true };
  const frozen = await freezePlan(plan, environment);
  const { root } = plan.project;
  return {
    label: plainText(shortPath(root, environment.home)),
    snapshot: frozen.snapshot,
    facts: null,
    json: { folder: root, snapshot: frozen.snapshot },
    source: folderSource(frozen),
    manifest: async () => frozen.content().manifest,
  };
}
