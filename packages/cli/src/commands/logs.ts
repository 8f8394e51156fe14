// `ml logs`: print a job's log, or follow it to the end of the job.
import { EXIT, FetchmlError, logBytes, type LogChunk } from "@fetchml/protocol";
import { countOf, isSet } from "../args/option-values.ts";
import type { RunCommand } from "../command.ts";
import { followJob } from "../follow-job.ts";
import { parseJobReference, type JobReference } from "../job-reference.ts";
import { openLogWriter, type LogWriter } from "../log-writer.ts";
import type { Output } from "../output.ts";
import { jsonText } from "../render/json.ts";
import { paletteOf, wantsJson } from "../screen.ts";
import { openSession, type Session } from "../session.ts";

/** Prints the log; with `-f` answers the exit code of the job. @throws FetchmlError usage, and as the server does */
export const run: RunCommand = async (invocation, environment) => {
  const { options, words } = invocation;
  const { stdout } = environment;
  const reference = parseJobReference(words[0] ?? "");
  const tailLines = countOf(options, "lines", { min: 0, max: 1_000_000_000 });
  const follow = isSet(options, "follow");
  const json = wantsJson(invocation);
  if (follow && json) throw jsonOfFollowing();
  const colours = paletteOf(stdout, invocation, environment).enabled;
  const look = { raw: isSet(options, "raw"), colours };
  const session = await openSession(invocation, environment);
  if (follow) {
    const start = {
      job: reference.job,
      ...(reference.attempt === null ? {} : { attempt: reference.attempt }),
      ...(tailLines === null ? {} : { tailLines }),
    };
    const followed = await followJob(session, environment, {
      start,
      look,
      output: stdout,
      debug: isSet(options, "debug"),
      hasBegun: false,
      interruptWords: `The job goes on. "ml logs -f ${words[0]}" follows it again.`,
    });
    return followed.code;
  }
  const chunks = readLog(session, reference, tailLines);
  await (json ? printJson(chunks, stdout) : printText(chunks, openLogWriter(stdout, look)));
  return EXIT.ok;
};

function jsonOfFollowing(): FetchmlError {
  return new FetchmlError(
    "usage",
    '"ml logs -f" cannot print JSON: one value has an end, and a followed log may have none.\n' +
      'Leave out -f, or wait first: "ml wait JOB".',
  );
}

/** The largest piece that the server gives at once, in bytes. */
const PIECE_BYTES = 1_048_576;

/** The log as it is now, piece by piece. */
async function* readLog(
  session: Session,
  reference: JobReference,
  tailLines: number | null,
): AsyncGenerator<LogChunk, void> {
  let chunk = await session.call("log.read", {
    job: reference.job,
    limit_bytes: PIECE_BYTES,
    ...(reference.attempt === null ? {} : { attempt: reference.attempt }),
    ...(tailLines === null ? {} : { tail_lines: tailLines }),
  });
  for (;;) {
    yield chunk;
    if (chunk.complete || chunk.next_offset <= chunk.offset) return;
    // By id from here on: a name may mean a newer job by now.
    chunk = await session.call("log.read", {
      job: String(chunk.job_id),
      attempt: chunk.attempt,
      offset: chunk.next_offset,
      limit_bytes: PIECE_BYTES,
    });
  }
}

async function printText(chunks: AsyncIterable<LogChunk>, writer: LogWriter): Promise<void> {
  for await (const chunk of chunks) writer.write(logBytes(chunk.bytes));
  writer.finish();
}

/** The pieces as one array, written as they come: a log may be larger than the memory of a laptop. */
async function printJson(chunks: AsyncIterable<LogChunk>, stdout: Output): Promise<void> {
  let separator = "[";
  for await (const chunk of chunks) {
    stdout.write(separator + jsonText(chunk));
    separator = ",";
  }
  stdout.write("]\n");
}
