// `npm run demo` does what it says and leaves nothing behind.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runToEnd } from "./box.ts";
import { needsMount } from "./small-disk.ts";

const root = join(import.meta.dir, "..");
const DEMO = ["npm", "run", "--silent", "demo"];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-demo-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs it with the folder as home and for its temporary files; answers what it prints. */
async function demo(command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runToEnd(command, {
    cwd: root,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      TMPDIR: folder,
      ...(process.env["FETCHML_TEST_RUN"] !== undefined && {
        FETCHML_TEST_RUN: process.env["FETCHML_TEST_RUN"],
      }),
    },
  });
  expect(code, `${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

test("the demo trains, follows, cancels and cleans up", async () => {
  const stdout = await demo(DEMO);
  const accuracy = Number(/^test accuracy (\d+\.\d) %/m.exec(stdout)?.[1]);
  expect(accuracy).toBeGreaterThan(90);
  expect(stdout).toContain("cancelled");
  expect(stdout).not.toMatch(/fetchml_[0-9a-hjkmnp-tv-z]{36}/);
  expect(readdirSync(folder).filter((name) => name.startsWith("fetchml"))).toEqual([]);
}, 600_000);

needsMount("bwrap", "unshare")(
  "where no sandbox works the demo says so and goes on without",
  async () => {
    // Accounts of jobs cannot pass through the folder, which is its owner's alone.
    const hide = 'mount --bind /bin/false "$(command -v bwrap)" && exec "$@"';
    const stdout = await demo(["unshare", "--mount", "sh", "-c", hide, "sh", ...DEMO]);
    expect(stdout).toContain(
      "No sandbox works on this machine, so the jobs of this demo run without one.",
    );
    expect(stdout).toMatch(/^Sandbox +none/m);
    expect(stdout).toMatch(/^test accuracy \d/m);
  },
  600_000,
);
