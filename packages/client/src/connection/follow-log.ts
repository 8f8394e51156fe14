// Follows a job's log to the end of the job, across lost connections and new attempts, without a gap or a repeat.
import { FetchmlError, isFinal, type Job } from "@fetchml/protocol";
import type { Client } from "../client.ts";
import { untilAttempt } from "./attempt-wait.ts";
import type { Link } from "./link.ts";
import { LogInbox } from "./log-inbox.ts";
import { LogPlace, type LogPiece, type LogStart } from "./log-place.ts";
import { systemPace, type Pace } from "./pace.ts";
import { Reconnection, type Persistence } from "./reconnection.ts";

/** What to follow, and how to behave when the connection is lost. */
export interface FollowLog extends LogStart, Persistence {
  /** How much of the log may lie unread in memory, in bytes. Default 8 MiB; twice that at the worst. */
  readonly unreadLimitBytes?: number;
}

/** What a follower gets: pieces of the log in order, and at last the job as it ended. */
export type LogEvent = LogPiece | { readonly end: Job };

/**
 * Follows a log. It waits for a job that has not started; when an attempt ends and the job is queued again it goes on with
 * the next one, unless one attempt was named. The last event is always `end`: the job after the followed attempt, which
 * is final unless one attempt was named.
 *
 * @throws FetchmlError `job-not-found`, `log-not-found`, `not-allowed`; `unreachable` when the server stays away; `key-…`
 *   when the key ends
 */
export async function* followLog(link: Link, options: FollowLog): AsyncGenerator<LogEvent, void> {
  const reconnection = new Reconnection(link, options);
  const place = new LogPlace(options);
  let client = await reconnection.first();
  for (;;) {
    try {
      const end = yield* followOn(client, place, options);
      yield { end };
      return;
    } catch (error) {
      client = await reconnection.again(error);
    }
  }
}

/** A job that is said to have an attempt may have no log of it for a moment. */
const LOG_PAUSE_MS = 250;
/** How often in a row the server may send what does not follow on, before that counts as its fault. */
const MOST_GAPS = 3;

async function* followOn(
  client: Client,
  place: LogPlace,
  options: FollowLog,
): AsyncGenerator<LogPiece, Job> {
  for (;;) {
    const ended = yield* followAttempt(client, place, options);
    if (place.isOneAttempt) return ended;
    // News of the end of an attempt may come before that of the job, or with the next attempt already begun.
    if (isFinal(ended.state) && ended.attempt <= place.attempt) return ended;
    place.goToNextAttempt();
  }
}

/** Returns the job when this attempt has ended, or when the job has ended without it. */
async function* followAttempt(
  client: Client,
  place: LogPlace,
  options: FollowLog,
): AsyncGenerator<LogPiece, Job> {
  let gaps = 0;
  for (;;) {
    const inbox = new LogInbox(client, options.unreadLimitBytes);
    try {
      const without = await untilLog({ client, place, inbox, pace: options.pace ?? systemPace });
      if (without !== undefined) return without;
      const offset = place.offset;
      const ended = yield* readInbox(inbox, place);
      if (ended !== undefined) return ended;
      gaps = place.offset === offset ? gaps + 1 : 0;
      if (gaps >= MOST_GAPS) throw unfollowable(place);
    } finally {
      inbox.close();
    }
  }
}

/** Resolves when the log is subscribed to; with the job, when that has ended and there is no such log. */
async function untilLog(waiting: {
  readonly client: Client;
  readonly place: LogPlace;
  readonly inbox: LogInbox;
  readonly pace: Pace;
}): Promise<Job | undefined> {
  const { client, place, inbox, pace } = waiting;
  let awaited: Job | undefined;
  for (;;) {
    const missing = await subscribe(client, place, inbox);
    if (missing === undefined) return undefined;
    if (awaited !== undefined && isFinal(awaited.state)) {
      if (place.isOneAttempt && awaited.attempt < place.attempt) throw missing;
      return awaited;
    }
    if (awaited !== undefined) await pace.delay(LOG_PAUSE_MS);
    awaited = await untilAttempt(client, place);
  }
}

/** Asks for the log from `place` on. Answers the error when there is no such log yet. */
async function subscribe(
  client: Client,
  place: LogPlace,
  inbox: LogInbox,
): Promise<FetchmlError | undefined> {
  try {
    const answer = await client.call("log.subscribe", place.request());
    place.pin(answer);
    inbox.adopt(answer.subscription);
    return undefined;
  } catch (error) {
    if (error instanceof FetchmlError && error.code === "log-not-found") return error;
    throw error;
  }
}

/** Gives out what is new. Returns the job when its attempt has ended, `undefined` when the rest must be asked for again. */
async function* readInbox(
  inbox: LogInbox,
  place: LogPlace,
): AsyncGenerator<LogPiece, Job | undefined> {
  for await (const news of inbox.news()) {
    if (news.kind === "lost") throw news.error ?? NO_LONGER;
    if (news.kind === "overflow") return undefined;
    if (news.kind === "end") {
      return news.end.next_offset > (place.offset ?? 0) ? undefined : news.end.job;
    }
    const fit = place.take(news.data);
    if (fit.kind === "gap") return undefined;
    if (fit.kind === "new") yield fit.piece;
  }
  return undefined;
}

const NO_LONGER = new FetchmlError("interrupted", "The log is no longer followed.");

function unfollowable(place: LogPlace): FetchmlError {
  return new FetchmlError(
    "internal-error",
    `Cannot follow the log of ${place.job}#${place.attempt}: the server does not send what comes after byte ${place.offset}.`,
  );
}
