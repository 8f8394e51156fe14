// Tests of running the command that prints the key.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { runApiKeyCommand } from "./api-key-command.ts";

const env = { PATH: process.env["PATH"], WORD: "from the environment" };
const path = "/home/alice/.ml/config.toml";

describe("runApiKeyCommand()", () => {
  test("gives what is printed, run without a shell and with the environment", async () => {
    const words = ["printf", "%s\n", "a b; $(id) $WORD"];
    expect(await runApiKeyCommand({ words, env, path })).toBe("a b; $(id) $WORD\n");
    expect(await run("echo $WORD")).toBe("from the environment\n");
  });

  test("refuses an empty line, although the command said that all is well", async () => {
    const error = await failureOf(run("echo; exit 0"));
    expect(error.code).toBe("key-missing");
    expect(error.message).toContain('"sh" printed nothing');
    expect(error.message).toContain(path);
  });

  test("refuses a command that fails, with what it printed", async () => {
    const error = await failureOf(run("echo hunter2; exit 3"));
    expect(error.message).toContain("failed with exit code 3");
    expect(error.message).not.toContain("hunter2");
  });

  test("says that a program was not found", async () => {
    const error = await failureOf(runApiKeyCommand({ words: ["no-such-program-here"], env, path }));
    expect(error.code).toBe("key-missing");
    expect(error.message).toContain('"no-such-program-here" was not found');
  });

  test("ends a command that takes too long", async () => {
    const error = await failureOf(run("exec sleep 600", 50));
    expect(error.message).toContain("did not end within 0.05 s");
  });

  test("takes what was printed by a command that has ended, whoever keeps its output open", async () => {
    const folder = mkdtempSync(join(tmpdir(), "fetchml-command-"));
    const pidFile = join(folder, "pid");
    try {
      const leaving = `sleep 600 & echo $! > ${pidFile}`;
      expect(await run(`echo key; ${leaving}`)).toBe("key\n");
      process.kill(Number(readFileSync(pidFile, "utf8")));
      expect(await run(`${leaving}; printf %60000s; echo key`)).toEndWith(" key\n");
      process.kill(Number(readFileSync(pidFile, "utf8")));
      const silent = await failureOf(run(leaving));
      expect(silent.message).toContain("printed nothing");
    } finally {
      process.kill(Number(readFileSync(pidFile, "utf8")));
      rmSync(folder, { recursive: true });
    }
  });

  test("stops reading a flood", async () => {
    const error = await failureOf(run("yes 2>/dev/null", 5000));
    expect(error.message).toContain("printed too much");
  });
});

function run(script: string, timeoutMs?: number): Promise<string> {
  const words = ["sh", "-c", script];
  return runApiKeyCommand({ words, env, path, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
}

async function failureOf(work: Promise<unknown>): Promise<FetchmlError> {
  const error: unknown = await work.catch((cause: unknown) => cause);
  if (error instanceof FetchmlError) return error;
  throw new Error(`not a FetchmlError: ${String(error)}`);
}
