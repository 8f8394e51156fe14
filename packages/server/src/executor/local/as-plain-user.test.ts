// A server that is not root keeps the same promises: its suites run once more under an account without rights.
import { expect, test } from "bun:test";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, chownSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const SUITES = [
  "local-executor.test.ts",
  "disk-use.test.ts",
  "../escape/escape.test.ts",
  "../exec/attempt-exec.test.ts",
  "../sandbox/bubblewrap.test.ts",
  "../sandbox/prove-sandbox.test.ts",
  "../setup/hostile-setup.test.ts",
  "../setup/raced-setup.test.ts",
  "../setup/read-only-setup.test.ts",
  "../setup/setup.test.ts",
];
/** Belongs to nobody, here and on most machines. */
const UID = 1_900_200_000;
const isRoot = process.geteuid?.() === 0;

// Under another account these tests are what runs anyway.
test.skipIf(!isRoot)(
  "the suites of executors, of hostile jobs, of disk use and of setups pass under a plain account",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "fetchml-plain-"));
    try {
      chmodSync(folder, 0o755);
      // As bundles, with a bun of their own: that account may have no way into the repository.
      copyFileSync(process.execPath, join(folder, "bun"));
      chmodSync(join(folder, "bun"), 0o755);
      const built = await Bun.build({
        entrypoints: SUITES.map((suite) => join(import.meta.dir, suite)),
        target: "bun",
        outdir: join(folder, "suites"),
        naming: "[name].[ext]",
      });
      expect(built.success).toBe(true);
      mkdirSync(join(folder, "tmp"));
      chownSync(join(folder, "tmp"), UID, UID);
      const run = Bun.spawn({
        cmd: ["setpriv", "--reuid", `${UID}`, "--regid", `${UID}`, "--clear-groups"].concat(
          ["--no-new-privs", join(folder, "bun"), "test", "--timeout", "60000"],
          SUITES.map((suite) => `./${basename(suite).replace(/ts$/, "js")}`),
        ),
        cwd: join(folder, "suites"),
        env: {
          PATH: process.env["PATH"] ?? "",
          TMPDIR: join(folder, "tmp"),
          HOME: join(folder, "tmp"),
        },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const [out, err, code] = await Promise.all([
        run.stdout.text(),
        run.stderr.text(),
        run.exited,
      ]);
      expect(`${code}\n${out}\n${err}`).toStartWith("0\n");
      if (Bun.which("bwrap") !== null) expect(err).toContain("sandbox bubblewrap");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  300_000,
);
