// Runs collections, one at a time: for the server by itself, and for the admin.
import { FetchmlError, type GcReport } from "@fetchml/protocol";
import { collect } from "./collection.ts";
import {
  retentionContext,
  type Pass,
  type RetentionContext,
  type RetentionOptions,
  type RulesInFile,
} from "./context.ts";
import { Tally } from "./tally.ts";

interface Run {
  readonly number: number;
  readonly tally: Tally;
  readonly done: Promise<GcReport>;
}

/** The collections of one data folder, of which this process is the owner. */
export class Collector {
  readonly #options: RetentionOptions;
  readonly #ctx: RetentionContext;
  readonly #ending = new AbortController();
  readonly #runs = new Map<number, Run>();
  #started = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#ctx = retentionContext(options);
  }

  /**
   * Begins a collection after those that have begun; answers its number for {@link show}. A dry run goes by the config file as it
   * is now, so that its admin sees what a change would do; either names what of the file is not in force.
   * @throws FetchmlError shutting-down, bad-file
   */
  start({ dryRun }: { readonly dryRun: boolean }): number {
    return this.#begin(dryRun, this.#options.rulesInFile?.()).number;
  }

  /** Runs a collection to its end. @throws FetchmlError shutting-down, also in the middle */
  run({ dryRun }: { readonly dryRun: boolean }): Promise<GcReport> {
    return this.#begin(dryRun).done;
  }

  /**
   * How far a collection is. Of those that have ended only the last few are remembered.
   * @throws FetchmlError conflict when there is none of that number
   */
  show(number: number): GcReport {
    const run = this.#runs.get(number);
    if (run === undefined) throw unknownRun();
    return run.tally.report();
  }

  /** Breaks off what is under way, which does no harm. Complete on return, safe twice. */
  async close(): Promise<void> {
    this.#ending.abort(shuttingDown());
    await this.#last;
  }

  #begin(dryRun: boolean, inFile?: RulesInFile): Run {
    const { signal } = this.#ending;
    signal.throwIfAborted();
    const now = this.#ctx.clock.now();
    const tally = new Tally(dryRun, now);
    tally.noteNotTaken(inFile?.notTaken ?? []);
    const inForce = { rules: this.#options.rules(), room: this.#ctx.room };
    const { rules, room } = dryRun && inFile !== undefined ? inFile : inForce;
    const ctx: RetentionContext = { ...this.#ctx, rules, room };
    const pass: Pass = {
      dryRun,
      now,
      signal,
      tally,
      givenUp: new Set(),
      givenUpParts: new Set(),
      measured: new Map(),
    };
    const done = this.#last.then(() => this.#collect(ctx, pass));
    // A failure is told to whoever waits, and keeps nobody else from beginning.
    this.#last = done.catch(() => undefined);
    this.#started += 1;
    const run = { number: this.#started, tally, done };
    this.#runs.set(run.number, run);
    this.#runs.delete(run.number - REMEMBERED);
    return run;
  }

  async #collect(ctx: RetentionContext, pass: Pass): Promise<GcReport> {
    const { log, clock } = ctx;
    try {
      const report = await collect(ctx, pass);
      if (report.removed.length > 0 || report.problems.length > 0)
        log.info("collected", { ...report });
      return report;
    } catch (error) {
      pass.tally.complain("it was broken off");
      pass.tally.end(clock.now());
      throw error;
    }
  }
}

const REMEMBERED = 10;

function shuttingDown(): FetchmlError {
  return new FetchmlError("shutting-down", "The server is stopping. Try again in a moment.");
}

function unknownRun(): FetchmlError {
  return new FetchmlError(
    "conflict",
    'The server knows no such collection: it was restarted, or many others have run since. Start another: "fetchml gc".',
  );
}
