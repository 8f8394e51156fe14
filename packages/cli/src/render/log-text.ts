// Turns the bytes of a log into text that is safe to show, chunk by chunk.
import { EscapeParser } from "./escape-parser.ts";

/** How a log is shown. */
export interface LogTextOptions {
  /** Keep colour sequences; every other control sequence is dropped in any case. */
  readonly colours: boolean;
  /** Of a line that a progress bar wrote over again and again, keep what stood there last. */
  readonly collapseReturns: boolean;
}

/**
 * Invalid UTF-8 becomes U+FFFD. The text of all pushes together does not depend on where the chunks were cut. Holds at
 * most one chunk and one line of {@link LONGEST_LINE} characters: of a longer line nothing can be taken back any more,
 * so there a carriage return becomes a line feed.
 */
export class LogText {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #parser: EscapeParser;
  readonly #collapse: boolean;
  #out = "";
  #line = "";
  #returned = false;
  #lineIsOut = false;
  #coloured = false;

  constructor(options: LogTextOptions) {
    this.#collapse = options.collapseReturns;
    this.#parser = new EscapeParser({
      text: (run) => (this.#collapse ? this.#write(run) : this.#append(run)),
      carriageReturn: () => {
        if (this.#collapse) this.#returned = true;
        else this.#append("\r");
      },
      colour: (sequence) => {
        if (!options.colours) return;
        this.#coloured = !/^.\[[0;]*m$/u.test(sequence);
        this.#append(sequence);
      },
      eraseLine: (whole) => {
        if (whole || this.#returned) this.#line = "";
      },
    });
  }

  /** The text that is ready once these bytes have come. */
  push(bytes: Uint8Array): string {
    this.#parser.feed(this.#decoder.decode(bytes, { stream: true }));
    return this.#taken();
  }

  /** The text that was held back, at the end of the log. Colours are switched off. */
  finish(): string {
    this.#parser.feed(this.#decoder.decode());
    this.#out += this.#line;
    this.#line = "";
    if (this.#coloured) this.#out += "\u001B[0m";
    this.#coloured = false;
    return this.#taken();
  }

  #taken(): string {
    const out = this.#out;
    this.#out = "";
    return out;
  }

  #write(run: string): void {
    if (this.#returned && !run.startsWith("\n")) this.#startOver();
    const lastBreak = run.lastIndexOf("\n");
    if (lastBreak === -1) return this.#append(run);
    this.#out += this.#line + run.slice(0, lastBreak + 1);
    this.#line = "";
    this.#returned = false;
    this.#lineIsOut = false;
    if (lastBreak + 1 < run.length) this.#append(run.slice(lastBreak + 1));
  }

  #append(piece: string): void {
    if (!this.#collapse || this.#lineIsOut) {
      this.#out += piece;
      return;
    }
    this.#line += piece;
    if (this.#line.length <= LONGEST_LINE) return;
    this.#out += this.#line;
    this.#line = "";
    this.#lineIsOut = true;
  }

  #startOver(): void {
    if (this.#lineIsOut) this.#out += "\n";
    this.#line = "";
    this.#returned = false;
    this.#lineIsOut = false;
  }
}

/** Characters of one line that are held back for a carriage return to take back. */
export const LONGEST_LINE = 65_536;
