// Tests of the completion of `fetchml`, in the shells themselves.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { needsSystem } from "../../e2e/system-tool.ts";
import { inShells, type InShells } from "../../packages/cli/src/completion/in-shells.fixture.ts";
import { adminCommands } from "../../packages/server/src/commands/command-table.ts";
import { adminProgram } from "./admin-completion.ts";

let folder: string;
let fetchml: InShells;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-admin-completion-"));
  writeFileSync(join(folder, "night.backup.tar"), "");
  fetchml = inShells(folder, adminProgram(adminCommands));
});

afterAll(() => rmSync(folder, { recursive: true }));

const SANDBOXES = ["auto", "bubblewrap", "account", "none"];
const ROLES = ["viewer", "member", "admin"];

describe("adminProgram()", () => {
  test("offers every command of the table to bash, and every option of each", () => {
    const firsts = new Set(adminCommands.map(({ name }) => name.split(" ")[0] ?? ""));
    expect(new Set(fetchml.bash(""))).toEqual(new Set([...firsts, "help", "--help", "--version"]));
    for (const { name, options } of adminCommands) {
      const offered = fetchml.bash(...name.split(" "), "--");
      expect([name, ...offered].toSorted()).toEqual(
        [
          name,
          ...[...Object.keys(options), "config", "data-dir", "help"].map((each) => `--${each}`),
        ].toSorted(),
      );
    }
  });

  test("offers bash words and values, and leaves files to it", () => {
    expect(fetchml.bash("key", "i")).toEqual(["issue", "import"]);
    expect(fetchml.bash("serve", "--sandbox", "")).toEqual(SANDBOXES);
    expect(fetchml.bash("user", "add", "alice", "--role", "")).toEqual(ROLES);
    expect(fetchml.bash("user", "set-role", "alice", "v")).toEqual(["viewer"]);
    expect(fetchml.bash("restore", "nig")).toEqual([]);
    expect(fetchml.bash("restore", "--rev")).toEqual(["--revoke-all-keys"]);
    expect(fetchml.bash("init", "--li")).toEqual(["--listen"]);
  });

  needsSystem("fish")("offers fish the same", () => {
    expect(new Set(fetchml.fish("fetchml key i"))).toEqual(new Set(["issue", "import"]));
    expect(new Set(fetchml.fish("fetchml init --sandbox "))).toEqual(new Set(SANDBOXES));
    expect(new Set(fetchml.fish("fetchml user set-role alice "))).toEqual(new Set(ROLES));
    expect(fetchml.fish("fetchml restore nig")).toEqual(["night.backup.tar"]);
    expect(fetchml.fish("fetchml serve --data-dir nig")).toEqual(["night.backup.tar"]);
    expect(fetchml.fish("fetchml gc --dr")).toEqual(["--dry-run"]);
    expect(fetchml.fish("fetchml gc nig")).toEqual([]);
  });

  needsSystem("zsh")("offers zsh the same", () => {
    expect(fetchml.zshFunction()).toBe("_fetchml");
    expect(fetchml.zsh("")).toContain("doctor:Find out what is wrong with this box.");
    expect(fetchml.zsh("key", "")).toBe("issue\nlist\nrotate\nrevoke\nimport\n");
    expect(fetchml.zsh("serve", "--sandbox", "")).toBe(`${SANDBOXES.join("\n")}\n`);
    expect(fetchml.zsh("user", "set-role", "alice", "")).toBe(`${ROLES.join("\n")}\n`);
    expect(fetchml.zsh("restore", "")).toBe("FILES\n");
    expect(fetchml.zsh("gc", "--d").split("\n")).toContain("--dry-run");
  });
});
