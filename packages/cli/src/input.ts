// Standard input: a line, a hidden line, or all of it.
import { FetchmlError } from "@fetchml/protocol";

/** Where a person or another program types. */
export interface Input {
  readonly isTerminal: boolean;
  /** All that comes until the end, piece by piece and no faster than it is taken. */
  stream(): AsyncIterable<Uint8Array>;
  /** All that comes until the end. @throws FetchmlError too-large beyond 65,536 characters */
  readAll(): Promise<string>;
  /** One line from the terminal, without its end. @throws FetchmlError interrupted when the input ends before it */
  readLine(): Promise<string>;
  /**
   * One line from the terminal that never shows on the screen. `ask` is called once typing no longer shows. The terminal is
   * as it was when this settles, whatever happens.
   *
   * @throws FetchmlError interrupted on Ctrl-C, and on Ctrl-D or the end of the input before any line
   */
  readHiddenLine(ask: () => void): Promise<string>;
}

/** Characters of the longest text that standard input may give. */
const LONGEST_INPUT = 65_536;

/** Standard input of this process. */
export function openInput(isTerminal: () => boolean): Input {
  return {
    get isTerminal() {
      return isTerminal();
    },
    stream: () => Bun.stdin.stream(),
    readAll,
    readLine,
    readHiddenLine: (ask) => withRawTerminal(() => readRawLine(ask)),
  };
}

async function readAll(): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of Bun.stdin.stream()) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > LONGEST_INPUT) {
      throw new FetchmlError(
        "too-large",
        "Cannot read standard input: it is longer than 64 KiB. Give only what is asked for.",
      );
    }
  }
  return text + decoder.decode();
}

async function readLine(): Promise<string> {
  let line = "";
  const decoder = new TextDecoder();
  for await (const chunk of Bun.stdin.stream()) {
    line += decoder.decode(chunk, { stream: true });
    const end = line.indexOf("\n");
    if (end !== -1) return line.slice(0, end).replace(/\r$/, "");
  }
  throw interrupted();
}

async function withRawTerminal(read: () => Promise<string>): Promise<string> {
  const { stdin } = process;
  stdin.setRawMode(true);
  const restore = (): void => {
    stdin.setRawMode(false);
  };
  process.once("exit", restore);
  for (const signal of ENDING_SIGNALS) process.once(signal, leave);
  try {
    return await read();
  } finally {
    process.off("exit", restore);
    for (const signal of ENDING_SIGNALS) process.off(signal, leave);
    restore();
    stdin.pause();
  }
}

// A signal would end the process at once, with the terminal still silent.
function leave(_signal: string, number: number): void {
  process.exit(128 + number);
}

function readRawLine(ask: () => void): Promise<string> {
  const { stdin } = process;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const decoder = new TextDecoder();
  let typed: string[] = [];
  const onData = (chunk: Uint8Array): void => {
    for (const key of decoder.decode(chunk, { stream: true })) {
      if (key === "\r" || key === "\n") return finish(() => resolve(typed.join("")));
      if (key === CTRL_C || (key === CTRL_D && typed.length === 0)) {
        return finish(() => reject(interrupted()));
      }
      if (key === BACKSPACE || key === DELETE) typed.pop();
      else if (key === CTRL_U) typed = [];
      else if (key !== CTRL_D && typed.length < LONGEST_INPUT) typed.push(key);
    }
  };
  const onEnd = (): void => finish(() => reject(interrupted()));
  function finish(settle: () => void): void {
    stdin.off("data", onData);
    stdin.off("end", onEnd);
    settle();
  }
  stdin.on("data", onData);
  stdin.on("end", onEnd);
  stdin.resume();
  ask();
  return promise;
}

function interrupted(): FetchmlError {
  return new FetchmlError("interrupted", "Nothing was changed.");
}

const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const BACKSPACE = "\b";
const CTRL_U = "\u0015";
const DELETE = "\u007F";
