// A server for tests that rotates keys as the real one does: a new key is pending until its first use.
import { FetchmlError, generateApiKey, keyIdOf } from "@fetchml/protocol";
import type { Answers, RpcServerOptions } from "./rpc-server.fixture.ts";
import { ALICE, VALID_KEY } from "./samples.fixture.ts";

/** How long an old key works on, as this server says. */
export const GRACE_MS = 86_400_000;

/** The keys of one user, and what the test does to them. */
export interface KeyServer {
  /** For `serve()`. */
  readonly options: RpcServerOptions;
  /** Keys that are good, the pending one left out. */
  readonly good: ReadonlySet<string>;
  readonly pending: string | null;
  /** Answers instead of the check of a key that would be used for the first time, while it is set. */
  trouble: FetchmlError | null;
  /** Answers instead of the check of every key, while it is set. */
  outage: FetchmlError | null;
  /** Called when `own-key.rotate` has made a key and not answered yet. */
  onRotate: () => void;
  /** Revokes the pending key, as a later rotation does. */
  dropPending(): void;
  /** Revokes a key, as the admin does. */
  revoke(apiKey: string): void;
}

/** Starts with one good key, `VALID_KEY`. */
export function makeKeyServer(): KeyServer {
  const good = new Set([VALID_KEY]);
  const revoked = new Set<string>();
  let pending: string | null = null;
  const problemOf = (apiKey: string): FetchmlError | null => {
    if (server.outage !== null) return server.outage;
    if (good.has(apiKey)) return null;
    if (revoked.has(apiKey)) return new FetchmlError("key-revoked", "The API key was revoked.");
    if (apiKey !== pending) return new FetchmlError("key-invalid", "The API key is not valid.");
    if (server.trouble !== null) return server.trouble;
    good.add(apiKey);
    pending = null;
    return null;
  };
  const answers: Answers = {
    "user.whoami": () => ALICE,
    "own-key.rotate": () => {
      const randomBytes = (count: number) => crypto.getRandomValues(new Uint8Array(count));
      pending = generateApiKey({ id: "newk", randomBytes });
      server.onRotate();
      return {
        id: "newk",
        api_key: pending,
        expires_at: null,
        old_id: keyIdOf(VALID_KEY) ?? "",
        grace_ms: GRACE_MS,
      };
    },
  };
  const server: KeyServer = {
    options: { answers, problemOf },
    good,
    get pending() {
      return pending;
    },
    trouble: null,
    outage: null,
    onRotate: () => undefined,
    dropPending: () => {
      if (pending !== null) server.revoke(pending);
      pending = null;
    },
    revoke: (apiKey) => {
      good.delete(apiKey);
      revoked.add(apiKey);
    },
  };
  return server;
}
