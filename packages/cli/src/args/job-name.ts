// Which words after `ml queue` name a job.
import {
  FetchmlError,
  isReservedJobName,
  jobNameProblem,
  RESERVED_JOB_NAMES,
} from "@fetchml/protocol";

/** Whether the word asks for the queue itself, as `ml queue list` does. */
export function asksForQueue(word: string): boolean {
  return isReservedJobName(word) && RESERVED_JOB_NAMES[word] === null;
}

/** Checks the name of a new job. @throws FetchmlError usage, which for a reserved word names the right verb */
export function checkJobName(word: string): void {
  if (isReservedJobName(word)) {
    const verb = RESERVED_JOB_NAMES[word] ?? "ml queue";
    throw new FetchmlError(
      "usage",
      `${JSON.stringify(word)} is never the name of a job. Did you mean "${verb}"?`,
    );
  }
  const problem = jobNameProblem(word);
  if (problem === null) return;
  throw new FetchmlError(
    "usage",
    `${JSON.stringify(word)} cannot name a job: it ${problem}.\nFor example: ml queue my-training-job`,
  );
}
