// A plain account of this machine with a home of its own, for whoever runs the tests: when that is root, another than root.
import { mkdirSync } from "node:fs";
import { runToEnd, type Ended } from "./box.ts";

/** An account that types commands in its home. */
export interface PlainAccount {
  readonly home: string;
  readonly uid: number;
  readonly gid: number;
  /** Its environment: `bin` of {@link PlainAccountOptions} comes first in PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a command to its end. */
  run(command: readonly string[], options?: { readonly input?: string }): Promise<Ended>;
  /** Starts a command and leaves it running; the process is the command itself. */
  start(command: readonly string[]): Bun.Subprocess<"ignore", "pipe", "pipe">;
}

/** Where it lives. */
export interface PlainAccountOptions {
  /** Made, and given to the account. Folders above it must be open to all. */
  readonly home: string;
  /** Where its programs are. */
  readonly bin: string;
  /** Number of an account that is not root's; used where the tests run as root. Default that of `nobody`. */
  readonly uid?: number;
}

/** Makes the home. */
export function plainAccount({ home, bin, uid = 65_534 }: PlainAccountOptions): PlainAccount {
  mkdirSync(home, { recursive: true });
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) Bun.spawnSync(["chown", `${uid}:${uid}`, home]);
  const drop = isRoot
    ? ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", "--inh-caps=-all"]
    : [];
  const run = process.env["FETCHML_TEST_RUN"];
  const env = {
    HOME: home,
    PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`,
    TERM: "dumb",
    ...(run !== undefined && { FETCHML_TEST_RUN: run }),
  };
  return {
    home,
    uid: isRoot ? uid : (process.geteuid?.() ?? uid),
    gid: isRoot ? uid : (process.getegid?.() ?? uid),
    env,
    run: (command, options) => runToEnd([...drop, ...command], { cwd: home, env, ...options }),
    start: (command) =>
      Bun.spawn([...drop, ...command], {
        cwd: home,
        env,
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      }),
  };
}
