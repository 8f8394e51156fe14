// `ml show`: one job with its attempts.
import { EXIT, FetchmlError, type AttemptOutputs, type JobDetail } from "@fetchml/protocol";
import { isSet } from "../args/option-values.ts";
import type { Invocation, RunCommand } from "../command.ts";
import type { Environment } from "../environment.ts";
import { parseJobReference, type JobReference } from "../job-reference.ts";
import { jobText } from "../render/job-text.ts";
import { writeJson } from "../render/json.ts";
import { jobWords } from "../render/outcome-words.ts";
import { outputsText, SHOWN_ENTRIES } from "../render/outputs-text.ts";
import { paletteOf, wantsJson, widthOf } from "../screen.ts";
import { openSession, type Session } from "../session.ts";

/** Prints one job, or one attempt of it, or all that it has left. @throws FetchmlError usage, and as the server does */
export const run: RunCommand = async (invocation, environment) => {
  const { stdout } = environment;
  const reference = parseJobReference(invocation.words[0] ?? "");
  const session = await openSession(invocation, environment);
  const asJson = wantsJson(invocation);
  if (isSet(invocation.options, "outputs") && !asJson) {
    await showOutputs(session, reference, { invocation, environment });
    return EXIT.ok;
  }
  // Asked for at the same time, so that it costs no second round trip.
  const listing = asJson ? null : listFirst(session, reference);
  const whole = await session.call("job.get", { job: reference.job });
  const job = reference.attempt === null ? whole : withOneAttempt(whole, reference.attempt);
  if (listing === null) writeJson(stdout, await withOutputs(session, job, reference.attempt));
  else {
    const palette = paletteOf(stdout, invocation, environment);
    const look = { palette, width: widthOf(stdout), now: environment.now() };
    stdout.write(jobText(job, look) + outputsText(job.id, await listing, look));
  }
  return EXIT.ok;
};

/** Every output; with --json they are part of the job. */
async function showOutputs(
  { endpoint }: Session,
  reference: JobReference,
  {
    invocation,
    environment,
  }: { readonly invocation: Invocation; readonly environment: Environment },
): Promise<void> {
  const { stdout } = environment;
  const { listOutputs } = await import("@fetchml/client/pull");
  const { allOutputsText } = await import("../render/all-outputs-text.ts");
  const listing = await listOutputs(endpoint, wordOf(reference));
  const lines = allOutputsText(listing, paletteOf(stdout, invocation, environment));
  stdout.write([...lines].join(""));
}

function wordOf({ job, attempt }: JobReference): string {
  return attempt === null ? job : `${job}#${attempt}`;
}

/** The first outputs; none where the caller may not have them, as for most jobs of others, or the server is an older one. */
async function listFirst(
  session: Session,
  { job, attempt }: JobReference,
): Promise<readonly AttemptOutputs[]> {
  try {
    const only = attempt === null ? {} : { attempt };
    return (await session.call("output.list", { job, limit: SHOWN_ENTRIES, ...only })).attempts;
  } catch {
    // What matters of it is met again by the call for the job itself.
    return [];
  }
}

/** The job with every output of it, where the caller may have them. */
async function withOutputs(
  { endpoint }: Session,
  job: JobDetail,
  attempt: number | null,
): Promise<unknown> {
  if (job.private === undefined) return job;
  const { listOutputs } = await import("@fetchml/client/pull");
  try {
    const { entries } = await listOutputs(
      endpoint,
      attempt === null ? `${job.id}` : `${job.id}#${attempt}`,
    );
    return { ...job, outputs: entries.map((one) => ({ attempt: one.attempt, ...one.entry })) };
  } catch (error) {
    // A server of an older release, or one before which a proxy lets nothing but the WebSocket through.
    if (error instanceof FetchmlError && error.code === "method-not-found") return job;
    // `removed` of the job tells when.
    if (error instanceof FetchmlError && error.code === "removed") return { ...job, outputs: [] };
    throw error;
  }
}

function withOneAttempt(job: JobDetail, number: number): JobDetail {
  const attempts = job.attempts.filter((attempt) => attempt.number === number);
  if (attempts.length > 0) return { ...job, attempts };
  throw new FetchmlError(
    "job-not-found",
    `Job ${jobWords(job)} has no attempt ${number}: it has had ${job.attempts.length}. "ml show ${job.id}" shows them.`,
  );
}
