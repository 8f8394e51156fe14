// What the bench wants of a peer: its commands as a user types them, and its end.
import { existsSync } from "node:fs";
import { join } from "node:path";

/** A peer whose daemons run in a folder of their own. */
export interface RunningPeer {
  /** Name and version. */
  readonly name: string;
  readonly env: Record<string, string>;
  /** Two jobs at a time run; what it takes to queue one. */
  submit(command: readonly string[]): readonly string[];
  /** The job's id in what submitting printed. */
  idIn(stdout: string): string;
  /** What shows the queue. */
  readonly status: readonly string[];
  cancel(id: string): readonly string[];
  /** What shows a job's output while it grows, to its end; a string says why there is no such command. */
  readonly follow: ((id: string) => readonly string[]) | string;
  /** Seconds within which that is there and shows lines. */
  readonly followerTakesS?: number;
  /** Its processes that serve, for their memory. */
  readonly pids: readonly number[];
  /** Ends what keeps the queue and starts it again; milliseconds from that start to the first answer. A string says why it has none. */
  readonly restart: (() => Promise<number>) | string;
  close(): Promise<void>;
}

/** A peer that may or may not be here. */
export interface Peer {
  readonly name: string;
  /** Starts it in a folder. @throws Error with the reason why it is missing */
  open(folder: string): Promise<RunningPeer>;
}

/** Where `install-peers.sh` has put what is no Debian package. */
const PEERS =
  process.env["FETCHML_BENCH_PEERS"] ??
  join(process.env["HOME"] ?? "/root", ".cache/fetchml-bench");

/** A program of a peer. @throws Error when it is not installed */
export function programOf(name: string): string {
  const own = ["bin", "venv/bin"].map((folder) => join(PEERS, folder, name));
  const found = own.find((path) => existsSync(path)) ?? Bun.which(name);
  if (found === null) throw new Error(`${name} is not installed: run bench/install-peers.sh`);
  return found;
}

/** A port that nobody has at this moment. */
export function freePort(): number {
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: () => undefined },
  });
  const { port } = listener;
  listener.stop(true);
  return port;
}

/** Starts a server; answers it, and the milliseconds until a command that asks it succeeds. @throws Error as `untilWorks` */
export async function startedUntil(
  start: () => Bun.Subprocess,
  asks: readonly string[],
  env: Record<string, string>,
): Promise<{ readonly server: Bun.Subprocess; readonly ms: number }> {
  const begunAt = performance.now();
  const server = start();
  await untilWorks(asks, env);
  return { server, ms: performance.now() - begunAt };
}

/** Runs a command until it succeeds. @throws Error after 20 s with what it said last */
export async function untilWorks(
  command: readonly string[],
  env: Record<string, string>,
): Promise<string> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const child = Bun.spawn([...command], { env, stdout: "pipe", stderr: "pipe" });
    const [out, complaint] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    if ((await child.exited) === 0) return out;
    if (Date.now() > deadline) throw new Error(complaint.trim().slice(-300) || out.slice(-300));
    await Bun.sleep(5);
  }
}

/** Waits until a port of this machine takes connections. @throws Error after 20 s */
export async function untilAnswers(port: number): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      const socket = await Bun.connect({
        hostname: "127.0.0.1",
        port,
        socket: { data: () => undefined },
      });
      socket.end();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await Bun.sleep(10);
    }
  }
}

/** Ends processes one after the other and waits for each; who takes longer than that is killed. */
export async function endAll(
  processes: readonly Bun.Subprocess[],
  patienceMs = 5000,
): Promise<void> {
  for (const each of processes) {
    each.kill("SIGTERM");
    const isOut = await Promise.race([each.exited.then(() => true), Bun.sleep(patienceMs)]);
    if (isOut !== true) each.kill("SIGKILL");
    await each.exited;
  }
}
