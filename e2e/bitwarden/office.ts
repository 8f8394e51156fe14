// All desks of a test run: one login for all of them, and a look-out for secrets in command lines.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runToEnd } from "../box.ts";
import { watchCommandLines } from "./command-lines.ts";
import { Desk, environmentAt, type LoggedIn } from "./desk.ts";
import { EMAIL, MASTER_PASSWORD } from "./vault/account.ts";
import { makeCertificate } from "./vault/certificate.ts";
import { VaultServer } from "./vault/vault-server.ts";

/** Desks at work at once; more would only wait for the processor. */
const DESKS_AT_ONCE = 12;

/** Logs the real client in. Whoever opens an office closes it. */
export async function openOffice(): Promise<Office> {
  const folder = mkdtempSync(join(tmpdir(), "fetchml-bw-"));
  const certificate = makeCertificate(folder);
  const server = new VaultServer(certificate);
  const { port } = server;
  const env = { ...environmentAt(join(folder, "login"), certificate), MASTER_PASSWORD };
  await bw(["config", "server", `https://127.0.0.1:${port}`], env);
  const session = await bw(["login", EMAIL, "--passwordenv", "MASTER_PASSWORD", "--raw"], env);
  await server.close();
  const state = readFileSync(join(folder, "login/bw/data.json"), "utf8");
  return new Office({ folder, certificate, session, state, port });
}

/** Gives out desks, each of which starts with a copy of the login. */
export class Office {
  readonly #login: LoggedIn;
  readonly #lookOut = watchCommandLines();
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(login: LoggedIn) {
    this.#login = login;
  }

  /**
   * Runs `work` at a desk of its own as soon as one is free.
   *
   * @throws Error where a secret of the desk was in the command line of any process
   */
  async atDesk(work: (desk: Desk) => Promise<void>): Promise<void> {
    if (this.#taken >= DESKS_AT_ONCE) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#taken += 1;
    }
    const desk = new Desk(this.#login);
    try {
      await work(desk);
      desk.checkSecrets([...this.#lookOut.seen].join("\n"), "a command line");
    } finally {
      await desk.close();
      const next = this.#waiting.shift();
      if (next === undefined) this.#taken -= 1;
      else next();
    }
  }

  /** Ends the look-out and removes the folder. Safe twice. */
  close(): void {
    this.#lookOut.close();
    rmSync(this.#login.folder, { recursive: true, force: true });
  }
}

async function bw(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const { code, stdout, stderr } = await runToEnd(["bw", ...args], { env });
  if (code !== 0) throw new Error(`bw ${args[0]}: ${stderr}`);
  return stdout.trim();
}
