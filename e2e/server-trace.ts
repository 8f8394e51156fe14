// The system calls of a running server, as strace sees them.
import type { Box } from "./box.ts";

/** A trace that is being written. */
export interface ServerTrace {
  /** The calls so far, a line each, in their order. */
  lines(): readonly string[];
  /** Lets the server go. Safe twice. */
  stop(): Promise<void>;
}

/** Starts to trace the threads of the box's server; resolves when strace has attached. Nothing of it is written to disk: it holds keys. */
export async function traceServer(box: Box): Promise<ServerTrace> {
  const options = ["-f", "-y", "-s", "2000", "-o", "|cat", "-p", String(box.pid)];
  const strace = Bun.spawn(["strace", ...options], { stdout: "pipe", stderr: "pipe" });
  const attached = Promise.withResolvers<void>();
  let calls = "";
  const traced = readAll(strace.stdout, (text) => (calls = text));
  // Read to its end: strace tells of each new thread, and would die of a pipe that nobody reads.
  const told = readAll(strace.stderr, (text) => {
    if (text.includes("attached")) attached.resolve();
  });
  void told.then((text) => attached.reject(new Error(`strace has ended: ${text}`)));
  await attached.promise;
  return {
    lines: () => calls.split("\n"),
    stop: async () => {
      strace.kill("SIGINT");
      await Promise.all([strace.exited, told, traced]);
    },
  };
}

async function readAll(
  stream: ReadableStream<Uint8Array>,
  onMore: (text: string) => void,
): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    onMore(text);
  }
  return text;
}
