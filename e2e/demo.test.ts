// `npm run demo` does what it says and leaves nothing behind.
import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runToEnd } from "./box.ts";

const root = join(import.meta.dir, "..");

test("the demo trains, follows, cancels and cleans up", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fetchml-demo-test-"));
  try {
    const { code, stdout, stderr } = await runToEnd(["npm", "run", "--silent", "demo"], {
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
    const accuracy = Number(/^test accuracy (\d+\.\d) %/m.exec(stdout)?.[1]);
    expect(accuracy).toBeGreaterThan(90);
    expect(stdout).toContain("cancelled");
    expect(stdout).not.toMatch(/fetchml_[0-9a-hjkmnp-tv-z]{36}/);
    expect(readdirSync(folder).filter((name) => name.startsWith("fetchml"))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 600_000);
