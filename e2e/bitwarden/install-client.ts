// The real Bitwarden client: installed from its own lockfile at the first need, and a `test` that says when it cannot be.
import { test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { needsSystem, type DeclareTest } from "../system-tool.ts";

const folder = join(import.meta.dir, "client");
const lockPath = join(folder, "package-lock.json");
/** Written last, so that a broken installation is made anew. */
const stampPath = join(folder, "node_modules/.installed-from");

/** Where its `bw` is. */
export const CLIENT_BIN = join(folder, "node_modules/.bin");

/** A test's time counts from when all of them start, so on a slow and busy machine the last one needs most of this. */
const testTimeoutMs = 400_000;

/** Whether the client can be used, and how a test that needs it is declared. */
export interface Client {
  readonly isReady: boolean;
  /**
   * `test` itself where the client is ready. Otherwise a `test` that is skipped and says why, or, with `FETCHML_REQUIRE_SYSTEM=1` in the
   * environment, one that fails.
   */
  readonly declare: DeclareTest;
}

/** Looks for the client and the tools that it is tested with; installs the client if need be. */
export async function prepareClient(...tools: readonly string[]): Promise<Client> {
  const all = ["node", "npm", "jq", "openssl", ...tools];
  if (all.some((tool) => Bun.which(tool) === null)) {
    return { isReady: false, declare: needsSystem(...all) };
  }
  const problem = await installClient();
  if (problem === null) {
    return { isReady: true, declare: (name, body) => test(name, body, testTimeoutMs) };
  }
  const lack = `cannot install the Bitwarden client: ${problem}`;
  const fail = () => {
    throw new Error(lack);
  };
  const isRequired = process.env["FETCHML_REQUIRE_SYSTEM"] === "1";
  const declare: DeclareTest = (name, body) =>
    isRequired ? test(name, fail) : test.skip(`${name} (${lack})`, body);
  return { isReady: false, declare };
}

/** Answers `null` when it is there, otherwise what npm complained of. Scripts of packages are not run. */
async function installClient(): Promise<string | null> {
  const wanted = Bun.hash(readFileSync(lockPath)).toString(16);
  if (existsSync(stampPath) && readFileSync(stampPath, "utf8") === wanted) return null;
  const npm = Bun.spawn(
    [
      "npm",
      "ci",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      "--fetch-retries=1",
    ],
    {
      cwd: folder,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
    },
  );
  const complaints = await new Response(npm.stderr).text();
  if ((await npm.exited) !== 0) return complaints.trim().split("\n").at(0) ?? "npm ci failed";
  writeFileSync(stampPath, wanted);
  return null;
}
