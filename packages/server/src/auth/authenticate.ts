// Tells from an Authorization header who is calling, or why nobody can be told.
import { timingSafeEqual } from "node:crypto";
import {
  FetchmlError,
  hashApiKey,
  keyIdOf,
  parseApiKey,
  type ErrorCode,
  type KeyEnd,
} from "@fetchml/protocol";
import type { Clock } from "../domain/clock.ts";
import type { KeyHolder } from "../domain/principal.ts";
import { keyForCheck, type KeyCheckRow } from "../store/api-keys.ts";
import type { Database } from "../store/database.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Connections } from "./connections.ts";
import { FailureAudit } from "./failure-audit.ts";
import { FailureLimit } from "./failure-limit.ts";
import { FirstUses } from "./first-uses.ts";
import { keyEndOf, keyInvalid, problemOf, validUntil } from "./key-problem.ts";
import { LastUse, type KeyUse } from "./last-use.ts";

/** What a caller shows. */
export interface Presented extends KeyUse {
  /** The Authorization header as it came; several are joined by commas. */
  readonly authorization: string | null;
}

/** What keys are checked against. */
export interface AuthenticatorOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly connections: Connections;
  readonly log: Log;
  /** Told of every key that was refused. Default: nobody. */
  readonly metrics?: Pick<Metrics, "keyRefused"> | undefined;
}

/**
 * Checks keys. It only reads the store and so never waits for a write, but for the first use of a pending key, which is
 * durable before its holder is let in. Whoever shows a valid key is let in whatever others have done; wrong keys beyond a
 * budget are answered `too-many-failures`.
 */
export class Authenticator {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #metrics: Pick<Metrics, "keyRefused"> | undefined;
  readonly #failures: FailureLimit;
  /** What the log is told of keys that have ended: their holders are no guessers, but a program may try one for ever. */
  readonly #linesOfEnded: FailureLimit;
  readonly #failureAudit: FailureAudit;
  readonly #firstUses: FirstUses;
  readonly #lastUse: LastUse;

  constructor(options: AuthenticatorOptions) {
    this.#db = options.db;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#metrics = options.metrics;
    this.#failures = new FailureLimit(options.clock);
    this.#linesOfEnded = new FailureLimit(options.clock);
    this.#failureAudit = new FailureAudit(options);
    this.#firstUses = new FirstUses(options);
    this.#lastUse = new LastUse(options);
  }

  /**
   * The holder of the key that was shown.
   * @throws FetchmlError key-missing, key-malformed, key-invalid, key-expired, key-revoked, too-many-failures
   */
  async authenticate(shown: Presented): Promise<KeyHolder> {
    const row = this.#check(shown);
    await this.#firstUses.settle(row, shown.address);
    const holder = this.checkAgain(holderOf(row));
    this.noteUse(holder, shown);
    return holder;
  }

  /**
   * Checks that a key that was valid still is, with the same role; answers its holder as of now.
   * @throws FetchmlError key-invalid, key-expired, key-revoked
   */
  checkAgain(holder: KeyHolder): KeyHolder {
    const row = keyForCheck(this.#db, holder.keyId);
    if (row === null || row.role !== holder.role) throw keyInvalid();
    const problem = problemOf(row, this.#clock.now());
    if (problem !== null) throw problem;
    return holderOf(row);
  }

  /** Why the holder of a key that was valid must go now, in the words for the holder; `null` when there is no reason. */
  endOf(holder: KeyHolder): KeyEnd | null {
    const row = keyForCheck(this.#db, holder.keyId);
    if (row === null) return "key-invalid";
    return keyEndOf(row, this.#clock.now()) ?? (row.role === holder.role ? null : "role-changed");
  }

  /** Notes that a key is in use. Returns at once and fails nothing. */
  noteUse(holder: KeyHolder, use: KeyUse): void {
    this.#lastUse.note(holder.keyId, use);
  }

  /** Notes in the audit that a key's holder was refused a call, and why. Returns at once and fails nothing. */
  noteRefusedCall(
    holder: KeyHolder,
    call: { readonly action: string; readonly address: string; readonly reason: ErrorCode },
  ): void {
    this.#failureAudit.note({
      actor: holder.keyId,
      action: call.action,
      target: null,
      address: call.address,
      reason: call.reason,
    });
  }

  /** Writes what it has still to note. Safe twice. */
  async close(): Promise<void> {
    await this.#lastUse.close();
    await this.#failureAudit.close();
  }

  #check(shown: Presented): KeyCheckRow {
    const credentials = credentialsOf(shown.authorization);
    if (credentials === null) throw keyMissing();
    if (!parseApiKey(credentials).ok) throw this.#refuse(keyMalformed(), shown, credentials);
    const row = keyForCheck(this.#db, keyIdOf(credentials) ?? "");
    if (!isKeyOfHash(credentials, row?.api_key_hash ?? HASH_OF_NO_KEY) || row === null) {
      throw this.#refuse(keyInvalid(), shown, credentials);
    }
    const problem = problemOf(row, this.#clock.now());
    if (problem !== null) throw this.#refuse(problem, shown, credentials);
    return row;
  }

  #refuse(error: FetchmlError, shown: Presented, credentials: string): FetchmlError {
    const { address } = shown;
    const keyId = keyIdOf(credentials) ?? null;
    this.#metrics?.keyRefused(error.code);
    // Whoever holds a right key that has ended is no guesser, and must learn what has become of it.
    const isGuess = error.code === "key-invalid" || error.code === "key-malformed";
    this.#failureAudit.note({
      actor: isGuess || keyId === null ? "unknown" : keyId,
      action: "authenticate",
      target: keyId,
      address,
      reason: error.code,
    });
    const waitMs = (isGuess ? this.#failures : this.#linesOfEnded).note(address, keyId);
    if (waitMs > 0) return isGuess ? tooManyFailures(address, waitMs) : error;
    this.#log.warn("key-refused", { code: error.code, key_id: keyId, address });
    return error;
  }
}

// Compared with when there is no such key, so that an unknown id takes as long as a wrong secret.
const HASH_OF_NO_KEY = "0".repeat(64);

function credentialsOf(authorization: string | null): string | null {
  if (authorization === null || /^\s*(bearer)?\s*$/i.test(authorization)) return null;
  // Two headers arrive as "Bearer A, Bearer B", which is no key.
  return /^bearer ([^\s,]+)$/i.exec(authorization)?.[1] ?? "";
}

function isKeyOfHash(key: string, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashApiKey(key), "hex"), Buffer.from(hash, "hex"));
}

function holderOf(row: KeyCheckRow): KeyHolder {
  return {
    kind: "key",
    userId: row.user_id,
    user: row.user,
    role: row.role,
    keyId: row.id,
    keyLabel: row.label,
    keyExpiresAt: validUntil(row),
    keySupersededBy: row.superseded_by,
  };
}

function keyMissing(): FetchmlError {
  return new FetchmlError(
    "key-missing",
    'No API key was given. "ml login" stores yours; over HTTP send the header "Authorization: Bearer KEY".',
  );
}

function keyMalformed(): FetchmlError {
  return new FetchmlError(
    "key-malformed",
    'What was sent is not an API key. Send "Authorization: Bearer fetchml_…" once, with the key as it was issued: 44 characters, lower case.',
  );
}

function tooManyFailures(address: string, waitMs: number): FetchmlError {
  const seconds = Math.ceil(waitMs / 1000);
  return new FetchmlError(
    "too-many-failures",
    `Too many wrong API keys came from ${address} or for this key. Wait ${seconds} s; a right key is let in at once.`,
    { details: { retry_after_s: seconds } },
  );
}
