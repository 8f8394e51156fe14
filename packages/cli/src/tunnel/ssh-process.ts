// An ssh that runs as long as this process does, and not a moment longer, however this process ends.

/** How an ssh ended. */
export interface SshEnd {
  /** Its exit code; 128 and more for a signal. */
  readonly code: number;
  /** What it has said on standard error. */
  readonly said: string;
}

/** What to run. */
export interface SshStart {
  /** The whole command line, `ssh` first. */
  readonly words: readonly string[];
  /** Variables of this process. None of `ml`'s own is passed on: ssh_config can send any to the box. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  /** Told what ssh says, as it comes. */
  readonly onSaid?: (text: string) => void;
}

/**
 * Ends ssh when standard input does, which the kernel sees to when `ml` is killed. Without job control a shell's background
 * processes ignore Ctrl-C; this makes that so for all three, and leaves the end to `ml`, which the same Ctrl-C reaches.
 */
const GUARD = `
trap '' INT
exec 3<&0 </dev/null
"$@" 3<&- &
ssh=$!
{ read -r _ <&3; kill "$ssh"; } 2>/dev/null &
guard=$!
exec 3<&-
wait "$ssh"
code=$?
kill "$guard" 2>/dev/null
exit "$code"
`;

/** Enough for any reason; a server can send a banner of any length. */
const LONGEST_SAID = 65_536;

/** A running ssh. */
export class SshProcess {
  /** Resolves when it has ended. */
  readonly ended: Promise<SshEnd>;
  readonly #child: Bun.Subprocess<"pipe" | "ignore", "ignore", "pipe">;
  #said = "";

  /** Starts it at once. */
  constructor({ words, variables, platform, onSaid }: SshStart) {
    const env = Object.fromEntries(
      Object.entries(variables).filter(([name]) => !name.startsWith("ML_")),
    );
    const options = { env, stdout: "ignore", stderr: "pipe" } as const;
    // On Windows the system ends what a process that is gone has started.
    this.#child =
      platform === "win32"
        ? Bun.spawn([...words], { ...options, stdin: "ignore" })
        : Bun.spawn(["/bin/sh", "-c", GUARD, "sh", ...words], { ...options, stdin: "pipe" });
    this.ended = this.#read(onSaid ?? (() => undefined));
  }

  /** What it has said so far. */
  get said(): string {
    return this.#said;
  }

  /** Ends it and waits until it is gone. Safe twice. */
  async close(): Promise<void> {
    const { stdin } = this.#child;
    if (typeof stdin === "object") await stdin.end();
    else this.#child.kill();
    await this.#child.exited;
  }

  async #read(onSaid: (text: string) => void): Promise<SshEnd> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stderr) {
      const text = decoder.decode(chunk, { stream: true });
      if (this.#said.length < LONGEST_SAID) this.#said += text;
      onSaid(text);
    }
    return { code: await this.#child.exited, said: this.#said };
  }
}
