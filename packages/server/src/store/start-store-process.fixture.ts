// Starts store-process.fixture.ts and reads what it says.
import { fileURLToPath } from "node:url";

/** A process that works on a database. */
export interface StoreProcess {
  /** The first line it writes; rejects when it ends without one. */
  firstLine(): Promise<string>;
  /** All it writes, when it has ended by itself; rejects when it ended badly. */
  output(): Promise<string>;
  /** Resolves when it is gone. */
  readonly gone: Promise<unknown>;
  /** Ends it as `kill -9` does and waits until it is gone. Safe twice. */
  kill(): Promise<void>;
}

const SCRIPT = fileURLToPath(import.meta.resolve("./store-process.fixture.ts"));

/** Starts the script; `before` is a command that runs it, such as strace. */
export function startStoreProcess(
  act: string,
  path: string,
  before: readonly string[] = [],
): StoreProcess {
  const child = Bun.spawn([...before, process.execPath, SCRIPT, act, path], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  return {
    gone: child.exited,
    firstLine: async () => {
      let text = "";
      for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        if (text.includes("\n")) return text.slice(0, text.indexOf("\n"));
      }
      throw new Error(`it ended after ${JSON.stringify(text)}`);
    },
    output: async () => {
      const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
      if ((await child.exited) === 0) return out;
      throw new Error(`it ended badly: ${err}`);
    },
    kill: async () => {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}
