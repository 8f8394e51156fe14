// Commands beside jobs, each the property of the connection that started it.
import { FetchmlError } from "@fetchml/protocol";
import type { AttemptCommand } from "../domain/attempt-exec.ts";
import type { Principal } from "../domain/principal.ts";
import type { Feed, Subscription } from "./subscriptions.ts";

/** Every command that some connection has, by its name: a word nobody can guess. */
const commands = new Map<string, Owned>();

interface Owned {
  readonly command: AttemptCommand;
  readonly owner: string;
  /** Takes it off its connection. */
  readonly leave: () => void;
}

/**
 * Starts a command for a connection, with whose end it ends, however that comes: the connection is cut when its key ends.
 *
 * @throws FetchmlError invalid-request where there is no connection; quota-exceeded; and what `start` throws
 */
export async function startForConnection(
  { principal, feed }: { readonly principal: Principal; readonly feed: Feed | null },
  start: () => Promise<AttemptCommand>,
): Promise<string> {
  if (feed === null) throw noConnection();
  const name = crypto.randomUUID();
  // Made first: the connection may end while the command is being started.
  const { number, subscription } = feed.subscribe(() => new HeldCommand(name));
  try {
    const command = await start();
    const leave = () => void feed.unsubscribe(number);
    commands.set(name, { command, owner: ownerOf(principal), leave });
    subscription.hold(command);
    return name;
  } catch (error) {
    feed.unsubscribe(number);
    throw error;
  }
}

/** The command of that name. @throws FetchmlError conflict when there is none, or no longer, or it is somebody else's */
export function commandOf(principal: Principal, name: string): AttemptCommand {
  const found = commands.get(name);
  if (found === undefined || found.owner !== ownerOf(principal)) {
    throw new FetchmlError("conflict", "There is no such command: it has ended, or never began.");
  }
  return found.command;
}

/** Forgets a command whose end was told. */
export function forgetCommand(name: string): void {
  const found = commands.get(name);
  commands.delete(name);
  found?.command.close();
  found?.leave();
}

/** Sends nothing by itself; what it is there for is the end of the connection. */
class HeldCommand implements Subscription {
  readonly #name: string;
  #isStopped = false;

  constructor(name: string) {
    this.#name = name;
  }

  hold(command: AttemptCommand): void {
    if (!this.#isStopped) return;
    commands.delete(this.#name);
    command.close();
  }

  start(): void {
    // It is read by calls.
  }

  drained(): void {
    // It is read by calls.
  }

  stop(): void {
    this.#isStopped = true;
    forgetCommand(this.#name);
  }
}

function ownerOf(principal: Principal): string {
  return principal.kind === "key" ? `key ${principal.keyId}` : "box";
}

function noConnection(): FetchmlError {
  return new FetchmlError(
    "invalid-request",
    "A command belongs to a connection: call exec.start over the WebSocket.",
  );
}
