// Follows a job's log on the screen until the job has ended, or the person has seen enough.
import { followLog, type LogStart } from "@fetchml/client";
import { EXIT, FetchmlError, type Job } from "@fetchml/protocol";
import type { Environment } from "./environment.ts";
import { exitCodeOfJob, EXIT_ML_FAILED } from "./job-exit.ts";
import { openLogWriter, type LogLook, type LogWriter } from "./log-writer.ts";
import { isBrokenPipe, type Output } from "./output.ts";
import { endWords } from "./render/outcome-words.ts";
import { plainText } from "./render/plain-text.ts";
import { reportError } from "./report-error.ts";
import type { Session } from "./session.ts";
import { untilInterrupt } from "./until-interrupt.ts";

/** What to follow and how to show it. */
export interface Following {
  readonly start: LogStart;
  readonly look: LogLook;
  /** Where the log goes; all else goes to standard error. */
  readonly output: Output;
  readonly debug: boolean;
  /** Whether failures are already ml's own (125), because the job is known to exist. */
  readonly hasBegun: boolean;
  /** What to tell on Ctrl-C; the job goes on. */
  readonly interruptWords: string;
}

/** How the following ended. */
export interface Followed {
  /** The job's own exit code; 130 after Ctrl-C; 125 when it had begun and could not go on. */
  readonly code: number;
  /** The job as it ended; `null` when that was not seen. */
  readonly job: Job | null;
}

/**
 * Writes the log until the job has ended.
 *
 * @throws FetchmlError when it could not begin: no such job, no server
 */
export async function followJob(
  session: Session,
  environment: Environment,
  following: Following,
): Promise<Followed> {
  const follower = new Follower(session, environment, following);
  try {
    const end = await untilInterrupt(() => follower.follow(), environment);
    follower.close();
    if (end === null) {
      environment.stderr.write(`${following.interruptWords}\n`);
      return { code: EXIT.interrupted, job: null };
    }
    environment.stderr.write(`${endWords(end)}\n`);
    return { code: exitCodeOfJob(end), job: end };
  } catch (error) {
    if (isBrokenPipe(error) || !follower.hasBegun) throw error;
    follower.close();
    reportError(error, { stderr: environment.stderr, debug: following.debug });
    return { code: EXIT_ML_FAILED, job: null };
  }
}

/** One log on its way to the screen. */
class Follower {
  readonly #session: Session;
  readonly #environment: Environment;
  readonly #following: Following;
  #writer: LogWriter | undefined;
  #attempt = 0;
  #isOpen = true;
  #lossIsTold = false;
  hasBegun: boolean;

  constructor(session: Session, environment: Environment, following: Following) {
    this.#session = session;
    this.#environment = environment;
    this.#following = following;
    this.hasBegun = following.hasBegun;
  }

  async follow(): Promise<Job> {
    const events = followLog(this.#session.link, {
      ...this.#following.start,
      onLost: (error) => this.#tellLoss(error),
      onBack: () => this.#tellReturn(),
    });
    for await (const event of events) {
      this.hasBegun = true;
      if ("end" in event) return event.end;
      if (this.#isOpen) this.#writerOf(event.attempt).write(event.bytes);
    }
    throw new FetchmlError("internal-error", "The log ended without the end of its job.");
  }

  close(): void {
    this.#isOpen = false;
    this.#writer?.finish();
  }

  #writerOf(attempt: number): LogWriter {
    if (this.#writer !== undefined && this.#attempt === attempt) return this.#writer;
    this.#writer?.finish();
    if (this.#writer !== undefined) this.#tell(`The next attempt begins: number ${attempt}.`);
    this.#attempt = attempt;
    this.#writer = openLogWriter(this.#following.output, this.#following.look);
    return this.#writer;
  }

  #tellLoss(error: FetchmlError): void {
    this.hasBegun = true;
    if (!this.#lossIsTold) this.#tell(`${plainText(error.message)}\nTrying again…`);
    this.#lossIsTold = true;
  }

  #tellReturn(): void {
    this.#lossIsTold = false;
    this.#tell("Connected again.");
  }

  #tell(words: string): void {
    if (this.#isOpen) this.#environment.stderr.write(`${words}\n`);
  }
}
