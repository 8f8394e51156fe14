// An `ml tunnel` of a test: what it says as it comes, and its end.
import { until, type Person } from "./box.ts";
import type { SshBox } from "./ssh-box.ts";

/** A running `ml tunnel`. */
export interface OpenTunnel {
  readonly pid: number;
  /** What it has told so far. */
  readonly told: () => string;
  /** How many times it has said that the tunnel is up. */
  readonly ups: () => number;
  /** Waits until it has said so that many times. */
  isUp(times?: number): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly exited: Promise<number>;
  /** Closes it with Ctrl-C. Safe twice. */
  close(): Promise<number>;
}

/** Two processes start on either side, and a try that fails is followed by a pause: on a busy machine that takes its time. */
const PATIENCE_MS = 60_000;

/** Starts `ml tunnel` with further words to the sshd. @param words `USER@HOST` among them, where it is not left to the config */
export function openTunnel(person: Person, ssh: SshBox, words: readonly string[]): OpenTunnel {
  const child = person.start(["tunnel", ...words, "--", ...ssh.options]);
  let told = "";
  void (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) told += decoder.decode(chunk, { stream: true });
  })();
  const ups = (): number => told.split(" is up: FetchML answers at ").length - 1;
  return {
    pid: child.pid,
    told: () => told,
    ups,
    isUp: (times = 1) =>
      until(() => ups() >= times, `the tunnel is not up`, PATIENCE_MS).catch((error: unknown) => {
        throw new Error(`${String(error)}; it said:\n${told}`);
      }),
    kill: (signal) => child.kill(signal),
    exited: child.exited,
    close: () => {
      child.kill("SIGINT");
      return child.exited;
    },
  };
}
