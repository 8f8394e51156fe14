// A config, a server and `ml doctor` between them, for tests.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ServerStatus } from "@fetchml/protocol";
import type { RunOptions } from "../testing/run-ml.fixture.ts";
import { ALICE, sampleStatus, VALID_KEY } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

/** What `ml doctor --json` printed, by the check's name, and its exit code. */
export interface Told {
  readonly code: number;
  readonly ok: boolean;
  readonly not_checked: readonly string[];
  /** All that was printed. */
  readonly text: string;
  check(name: string): {
    readonly status: string;
    readonly message: string;
    readonly fix?: string;
    readonly facts: Readonly<Record<string, unknown>>;
  };
}

/** Sets up around each test of a file. */
export function doctorBench() {
  const here = servedBench();
  const configFile = () => join(here.bench.home, ".ml", "config.toml");
  return {
    here,
    configFile,
    /** Starts a server that is well, but for these changes, and writes a config for it. */
    serve(changes: Partial<ServerStatus> = {}, server: Partial<ServerStatus["server"]> = {}): void {
      const { apiUrl } = here.serve({
        "user.whoami": () => ALICE,
        "server.status": () => {
          const status = sampleStatus(changes);
          return { ...status, server: { ...status.server, now: Date.now(), ...server } };
        },
      });
      this.writeConfig(`api_key = "${VALID_KEY}"\napi_url = "${apiUrl}"\n`);
    },
    writeConfig(text: string, { path = configFile(), mode = 0o600 } = {}): void {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(path, text, { mode });
    },
    async doctor(options: RunOptions = {}, args: readonly string[] = []): Promise<Told> {
      const { code, stdout, stderr } = await here.bench.ml(["doctor", "--json", ...args], options);
      if (stderr !== "") throw new Error(stderr);
      // By the words of the documentation.
      const { ok, checks, not_checked } = JSON.parse(stdout) as {
        readonly ok: boolean;
        readonly checks: readonly (ReturnType<Told["check"]> & { readonly name: string })[];
        readonly not_checked: readonly string[];
      };
      return {
        code,
        ok,
        not_checked,
        text: stdout,
        check(name) {
          const found = checks.find((each) => each.name === name);
          if (found === undefined) throw new Error(`no check ${name} in ${stdout}`);
          return found;
        },
      };
    },
    /** Types a command as the doctor told it. */
    async type(fix: string | undefined): Promise<void> {
      const child = Bun.spawn(["sh", "-c", fix ?? "exit 1"], {
        cwd: here.bench.project,
        env: { PATH: process.env["PATH"], HOME: here.bench.home },
        stdout: "pipe",
        stderr: "pipe",
      });
      const said = await child.stderr.text();
      if ((await child.exited) !== 0) throw new Error(`${fix}: ${said}`);
    },
  };
}
