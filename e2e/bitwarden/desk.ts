// An admin's desk for tests: the real bw, logged in to a vault server of its own, and the script at hand.
import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateApiKey, hashApiKey } from "@fetchml/protocol";
import { runToEnd, type Ended } from "../box.ts";
import { CLIENT_BIN } from "./install-client.ts";
import type { Certificate } from "./vault/certificate.ts";
import { VaultServer } from "./vault/vault-server.ts";

/** The script, in the clone. */
export const SCRIPT = join(import.meta.dir, "../../scripts/create_bitwarden_fetchml_item.sh");

/** How the script is run. */
export interface RunOptions {
  /** What it reads on stdin; default nothing. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is run in place of the script in the clone. */
  readonly command?: readonly string[];
}

/** What a login left. */
export interface LoggedIn {
  readonly folder: string;
  readonly certificate: Certificate;
  /** The key that bw needs to unlock its state. */
  readonly session: string;
  /** bw's own file; it names the port of the server. */
  readonly state: string;
  readonly port: number;
}

/** A key in the right form that no server knows. */
export function newApiKey(id = "kpaz"): string {
  const randomBytes = (count: number) => crypto.getRandomValues(new Uint8Array(count));
  return generateApiKey({ id, randomBytes });
}

/** What bw and the script see: no setting of the developer's own. */
export function environmentAt(home: string, certificate: Certificate): Record<string, string> {
  mkdirSync(join(home, "tmp"), { recursive: true });
  const mark = process.env["FETCHML_TEST_RUN"];
  return {
    PATH: `${join(home, "bin")}:${CLIENT_BIN}:${process.env["PATH"] ?? ""}`,
    HOME: home,
    TMPDIR: join(home, "tmp"),
    BITWARDENCLI_APPDATA_DIR: join(home, "bw"),
    NODE_EXTRA_CA_CERTS: certificate.authorityPath,
    ...(mark !== undefined && { FETCHML_TEST_RUN: mark }),
  };
}

/** One desk: a home folder, bw's state in it, and a vault server. */
export class Desk {
  readonly home: string;
  readonly vault: VaultServer;
  /** A key to put into the vault, and its hash. */
  readonly apiKey = newApiKey();
  readonly apiKeyHash = hashApiKey(this.apiKey);
  /** What every run sees. */
  readonly env: Readonly<Record<string, string>>;
  readonly #login: LoggedIn;

  constructor(login: LoggedIn) {
    this.#login = login;
    this.home = mkdtempSync(join(login.folder, "desk-"));
    this.env = { ...environmentAt(this.home, login.certificate), BW_SESSION: login.session };
    this.vault = new VaultServer(login.certificate);
    mkdirSync(join(this.home, "bw"));
    this.logIn();
  }

  /** Puts bw back to where it was after the login. */
  logIn(): void {
    const [there, here] = [this.#login.port, this.vault.port].map((port) => `127.0.0.1:${port}`);
    const state = this.#login.state.replaceAll(there ?? "", here ?? "");
    writeFileSync(join(this.home, "bw/data.json"), state, { mode: 0o600 });
  }

  /** Puts a program of this text first in PATH. */
  install(name: string, text: string): void {
    mkdirSync(join(this.home, "bin"), { recursive: true });
    writeFileSync(join(this.home, "bin", name), text);
    chmodSync(join(this.home, "bin", name), 0o755);
  }

  /** A PATH that has these programs and no others. */
  pathOf(tools: readonly string[]): string {
    const folder = mkdtempSync(join(this.home, "path-"));
    for (const tool of tools) {
      symlinkSync(Bun.which(tool, { PATH: this.env["PATH"] ?? "" }) ?? "", join(folder, tool));
    }
    return folder;
  }

  /** Runs the script with the desk's key on stdin. */
  put(...args: readonly string[]): Promise<Ended> {
    return this.run(args, { input: `${this.apiKey}\n` });
  }

  /**
   * Runs the script to its end, without a terminal.
   *
   * @throws Error where it printed a secret
   */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    // A session of its own: a developer's terminal must not be there to be asked.
    const command = [
      Bun.which("setsid") ?? "",
      "--wait",
      ...(options.command ?? [SCRIPT]),
      ...args,
    ];
    const env = { ...this.env, ...options.env };
    const ended = await runToEnd(command, { cwd: this.home, env, input: options.input ?? "" });
    this.checkSecrets(ended.stdout + ended.stderr, "what was printed");
    return ended;
  }

  /**
   * Runs the script on a terminal, or another command there. Waits for each prompt in turn and types what belongs to it; answers all that
   * was printed.
   *
   * @throws Error where a secret was printed
   */
  async type(
    args: readonly string[],
    talk: readonly (readonly [prompt: string, typed: string])[],
    options: RunOptions = {},
  ): Promise<Ended> {
    const decoder = new TextDecoder();
    const [...open] = talk;
    let stdout = "";
    let heard = 0;
    const child = Bun.spawn([...(options.command ?? [SCRIPT]), ...args], {
      cwd: this.home,
      env: { ...this.env, ...options.env },
      terminal: {
        data: (terminal, bytes) => {
          stdout += decoder.decode(bytes, { stream: true });
          const [prompt = "", typed = ""] = open[0] ?? [];
          const at = stdout.indexOf(prompt, heard);
          if (open.length === 0 || at === -1) return;
          heard = at + prompt.length;
          open.shift();
          terminal.write(`${typed}\r`);
        },
      },
    });
    const code = await child.exited;
    child.terminal?.close();
    this.checkSecrets(stdout, "what was printed");
    return { code, stdout, stderr: "" };
  }

  /** @throws Error where the text holds the session, the desk's key or its hash, or a key or hash in the vault. */
  checkSecrets(text: string, what: string): void {
    const kept = this.vault.items
      .plain()
      .flatMap(({ password, fields }) => [password ?? "", ...fields.map(({ value }) => value)])
      .filter((secret) => /^fetchml_.{36}$|^[0-9a-f]{64}$/.test(secret));
    const secrets = [this.#login.session, this.apiKey, this.apiKeyHash, ...kept];
    if (secrets.some((secret) => text.includes(secret))) throw new Error(`a secret is in ${what}`);
  }

  /** Ends the server; the folder goes with the office. Safe twice. */
  close(): Promise<void> {
    return this.vault.close();
  }
}
