// Scenarios that look for the key, its hash and the session wherever they could leak to.
import { expect } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { SCRIPT } from "../desk.ts";
import { changesOf, itemOf, itemsOf, type Scenario } from "./scenario.ts";

/** Declares them. */
export function declareSecrecyScenarios(scenario: Scenario): void {
  scenario(
    "lets no secret into arguments, environments or files of what it starts",
    async (desk) => {
      const trace = join(desk.home, "trace");
      const strace = [
        "strace",
        "-f",
        "-v",
        "-s",
        "65536",
        "-e",
        "trace=execve,openat",
        "-e",
        "signal=none",
        "-o",
        trace,
      ];
      const env = { SHELLOPTS: "allexport" };
      const { code } = await desk.run(["alice"], {
        input: desk.apiKey,
        env,
        command: [...strace, SCRIPT],
      });
      expect(code).toBe(0);
      const calls = readFileSync(trace, "utf8").split("\n");
      const starts = calls.filter((line) => line.includes("execve("));
      expect(starts.length).toBeGreaterThan(20);
      for (const line of starts) {
        const [args = "", environment = ""] = line.split("], [");
        desk.checkSecrets(args, `arguments: ${args.slice(0, 60)}`);
        expect(environment.includes(desk.apiKey) || environment.includes(desk.apiKeyHash)).toBe(
          false,
        );
        const isTrusted =
          /execve\("[^"]*\/(?:bw|node|timeout|env|setsid|create_bitwarden_fetchml_item\.sh|bash)"/.test(
            args,
          );
        if (!isTrusted) desk.checkSecrets(environment, `the environment of ${args.slice(0, 60)}`);
      }
      // Nothing but bw's own file is written, so nothing can be left anywhere.
      const written = calls.filter((line) => line.includes("O_CREAT") && !line.includes(" ENOENT"));
      const others = written.filter(
        (line) => !line.includes(`${desk.home}/bw/`) && !line.includes('"/dev/null"'),
      );
      expect(others).toEqual([]);
      expect(itemsOf(desk)).toEqual([itemOf(desk, "alice")]);
      for (const entry of readdirSync(desk.home, { recursive: true, encoding: "utf8" })) {
        const path = join(desk.home, entry);
        if (path !== trace && statSync(path).isFile())
          desk.checkSecrets(readFileSync(path, "latin1"), path);
      }
    },
  );

  scenario(
    "does not echo a key that is typed on a terminal, nor show it under bash -x",
    async (desk) => {
      const talk = [["(hidden): ", desk.apiKey]] as const;
      const command = ["bash", "-xv", SCRIPT];
      const { code, stdout } = await desk.type(["alice", "--dry-run"], talk, { command });
      expect(code).toBe(0);
      expect(stdout).not.toMatch(/^\+/m);
    },
  );

  scenario(
    "interrupted with Ctrl-C, ends with 130, unlocked and with nothing made",
    async (desk) => {
      desk.vault.breakAt({ at: "GET /api/sync", answer: "hang" });
      const interrupt = ["Fetching the vault", "\u0003"] as const;
      const { code } = await desk.type(["alice"], [["(hidden): ", desk.apiKey], interrupt]);
      expect(code).toBe(130);
      expect(changesOf(desk)).toEqual([]);
      expect(existsSync(join(desk.home, "bw/.fetchml-item-lock"))).toBe(false);
    },
  );
}
