// Tests of the manual pages: they tell of every command, and the programs that show manuals take them.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { needsSystem } from "../../e2e/system-tool.ts";
import { commands } from "../../packages/cli/src/command-table.ts";
import { adminCommands } from "../../packages/server/src/commands/command-table.ts";
import { escapeRoff } from "./roff.ts";
import { writePages } from "./write-pages.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-man-"));
  writePages(folder);
});

afterAll(() => rmSync(folder, { recursive: true }));

const PAGES = ["ml.1", "fetchml.1"] as const;

describe("the manual pages", () => {
  test("have a heading for every command", () => {
    const ml = readFileSync(join(folder, "man/ml.1"), "utf8");
    const fetchml = readFileSync(join(folder, "man/fetchml.1"), "utf8");
    for (const { name } of commands) expect(ml).toContain(`.SS "ml ${escapeRoff(name)}`);
    for (const { name } of adminCommands) {
      expect(fetchml).toContain(`.SS "fetchml ${escapeRoff(name)}`);
    }
  });

  for (const page of PAGES) {
    needsSystem("mandoc")(`${page} has no fault that mandoc finds`, () => {
      const { stdout } = Bun.spawnSync(["mandoc", "-T", "lint", "-W", "error", page], {
        cwd: join(folder, "man"),
      });
      expect(stdout.toString()).toBe("");
    });

    needsSystem("mandoc")(`${page} shows options and special characters as they are`, () => {
      const { stdout } = Bun.spawnSync(["mandoc", "-T", "utf8", "-O", "width=200", page], {
        cwd: join(folder, "man"),
      });
      // Bold in a terminal is the letter typed twice, with a step back between.
      const text = stdout
        .toString()
        .split("")
        .reduce((before, rest) => before.slice(0, -1) + rest);
      expect(text).toContain("--config FILE");
      expect(text).toContain(page === "ml.1" ? "ml cancel JOB…" : "fetchml key issue USER");
      expect(text).not.toContain("\\");
    });
  }
});

describe("escapeRoff()", () => {
  test("leaves nothing that roff takes for its own", () => {
    expect(escapeRoff(".x\n'y\\n -z…")).toBe(String.raw`\&.x
\(aqy\en \-z\[u2026]`);
  });
});
