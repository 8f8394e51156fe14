// Tells the text of a terminal stream from its control sequences (ECMA-48), whatever the chunks are.

/** Receives what the parser finds, in order. */
export interface TextSink {
  /** Text without control characters but tabs and line feeds; never empty. */
  text(run: string): void;
  carriageReturn(): void;
  /** A colour sequence (SGR), whole. */
  colour(sequence: string): void;
  /** Erase in line (EL): `whole` for the whole line, else one side of the cursor. */
  eraseLine(whole: boolean): void;
}

type State = "text" | "escape" | "intermediate" | "csi" | "string" | "string-escape";

/**
 * Every control character and sequence that the sink has no call for is dropped. A sequence that is broken off by a
 * control character, or that runs on past {@link LONGEST_SEQUENCE}, is dropped up to there, so that a stray ESC never
 * swallows the rest of a log. Memory is bounded.
 */
export class EscapeParser {
  readonly #sink: TextSink;
  #state: State = "text";
  #parameters = "";
  #length = 0;

  constructor(sink: TextSink) {
    this.#sink = sink;
  }

  feed(chunk: string): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#state === "text") {
        at = this.#textFrom(chunk, at);
      } else if (this.#length >= LONGEST_SEQUENCE) {
        this.#state = "text";
      } else {
        const code = chunk.charCodeAt(at);
        if (this.#belongsToSequence(code)) {
          this.#length++;
          at++;
        }
      }
    }
  }

  #textFrom(chunk: string, start: number): number {
    CONTROL.lastIndex = start;
    const end = CONTROL.exec(chunk)?.index ?? chunk.length;
    if (end > start) this.#sink.text(chunk.slice(start, end));
    if (end < chunk.length) this.#control(chunk.charCodeAt(end));
    return end + 1;
  }

  #control(code: number): void {
    this.#length = 0;
    this.#parameters = "";
    if (code === CR) this.#sink.carriageReturn();
    else if (code === ESC) this.#state = "escape";
    else if (code === C1_CSI) this.#state = "csi";
    else if (C1_STRINGS.has(code)) this.#state = "string";
  }

  /** Takes one character of a sequence; `false` when it does not belong to it and must be read again as what follows. */
  #belongsToSequence(code: number): boolean {
    switch (this.#state) {
      case "text":
        return false;
      case "escape":
        return this.#afterEscape(code);
      case "intermediate":
        if (code >= 0x20 && code <= 0x2f) return true;
        this.#state = "text";
        return code >= 0x30 && code <= 0x7e;
      case "csi":
        return this.#inCsi(code);
      case "string":
        return this.#inString(code);
      case "string-escape":
        this.#state = code === BACKSLASH ? "text" : "escape";
        return code === BACKSLASH;
    }
  }

  #afterEscape(code: number): boolean {
    if (code === LEFT_BRACKET) this.#state = "csi";
    else if (ESCAPED_STRINGS.has(code)) this.#state = "string";
    else if (code >= 0x20 && code <= 0x2f) this.#state = "intermediate";
    else {
      this.#state = "text";
      return code >= 0x30 && code <= 0x7e;
    }
    return true;
  }

  #inCsi(code: number): boolean {
    if (code >= 0x20 && code <= 0x3f) {
      this.#parameters += String.fromCharCode(code);
      return true;
    }
    this.#state = "text";
    if (code < 0x40 || code > 0x7e) return false;
    if (code === SMALL_M && /^[\d;:]*$/.test(this.#parameters)) {
      this.#sink.colour(`\u001B[${this.#parameters}m`);
    } else if (code === CAPITAL_K) this.#sink.eraseLine(this.#parameters === "2");
    return true;
  }

  #inString(code: number): boolean {
    if (code === ESC) this.#state = "string-escape";
    else if (code === BEL || code === C1_ST || code === CAN || code === SUB) this.#state = "text";
    else if (code === LF) {
      this.#state = "text";
      return false;
    }
    return true;
  }
}

/** Characters after which a sequence that has not ended is taken for broken. */
export const LONGEST_SEQUENCE = 4096;

// \p{Cc} without tab and line feed: written out, it costs nothing at start.
// oxlint-disable-next-line no-control-regex -- it finds them
const CONTROL = /[\0-\x08\v-\x1f\x7f-\x9f]/g;

const BEL = 0x07;
const LF = 0x0a;
const CR = 0x0d;
const CAN = 0x18;
const SUB = 0x1a;
const ESC = 0x1b;
const LEFT_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CAPITAL_K = 0x4b;
const SMALL_M = 0x6d;
const C1_CSI = 0x9b;
const C1_ST = 0x9c;
// Strings that only ST or BEL ends: DCS, SOS, OSC, PM, APC, as one character and after ESC.
const C1_STRINGS: ReadonlySet<number> = new Set([0x90, 0x98, 0x9d, 0x9e, 0x9f]);
const ESCAPED_STRINGS: ReadonlySet<number> = new Set([0x50, 0x58, 0x5d, 0x5e, 0x5f]);
