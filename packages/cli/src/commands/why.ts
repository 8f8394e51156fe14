// `ml why`: what a job waits for, or how and why it ended.
import { EXIT } from "@fetchml/protocol";
import type { RunCommand } from "../command.ts";
import { parseWholeJob } from "../job-reference.ts";
import { writeJson } from "../render/json.ts";
import { LogText } from "../render/log-text.ts";
import { jobWords, statePaint, stateWords } from "../render/outcome-words.ts";
import { plainText } from "../render/plain-text.ts";
import { paletteOf, wantsJson } from "../screen.ts";
import { openSession } from "../session.ts";

/** Prints what the server has to say. @throws FetchmlError as the server does */
export const run: RunCommand = async (invocation, environment) => {
  const { stdout } = environment;
  const reference = parseWholeJob(invocation.words[0] ?? "");
  const session = await openSession(invocation, environment);
  const answer = await session.ask("job.why", { job: reference });
  if (wantsJson(invocation)) {
    writeJson(stdout, answer);
    return EXIT.ok;
  }
  const palette = paletteOf(stdout, invocation, environment);
  const { job, lines, behind, log_tail } = answer;
  const state = statePaint(job, palette)(stateWords(job));
  stdout.write(`${palette.bold(jobWords(job))}: ${state}\n`);
  for (const line of lines) stdout.write(`${plainText(line)}\n`);
  if (behind.length > 0) stdout.write(`Behind: ${behindWords(behind)}\n`);
  if (log_tail !== null && log_tail !== "") {
    stdout.write(
      `\n${palette.bold("Last lines of its log")}\n${shownTail(log_tail, palette.enabled)}`,
    );
  }
  return EXIT.ok;
};

const MOST_SHOWN = 10;

function behindWords(ids: readonly number[]): string {
  const shown = ids.slice(0, MOST_SHOWN).join(", ");
  return ids.length > MOST_SHOWN ? `${shown} and ${ids.length - MOST_SHOWN} more` : shown;
}

function shownTail(tail: string, colours: boolean): string {
  const text = new LogText({ colours, collapseReturns: true });
  const shown = text.push(Buffer.from(tail, "utf8")) + text.finish();
  return shown.endsWith("\n") ? shown : `${shown}\n`;
}
