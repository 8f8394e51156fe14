// Tests of the completion scripts, in the shells themselves.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import { commands } from "../command-table.ts";
import { mlProgram } from "./completed-program.ts";
import { inShells, type InShells } from "./in-shells.fixture.ts";

let folder: string;
let ml: InShells;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-completion-"));
  writeFileSync(join(folder, "ml.toml"), '[project]\n[jobs.train]\ncommand = "x"\n[jobs."a.b"]\n');
  ml = inShells(folder, mlProgram(commands));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe("bashCompletion()", () => {
  test("completes verbs, options and words", () => {
    expect(ml.bash("lo")).toEqual(["logs", "login", "logout"]);
    expect(ml.bash("queue", "--g")).toEqual(["--gpus"]);
    expect(ml.bash("completion", "")).toContain("fish");
    expect(ml.bash("help", "can")).toEqual(["cancel"]);
  });

  test("completes both words of a command of two", () => {
    expect(ml.bash("ke")).toEqual(["key"]);
    expect(ml.bash("key", "")).toEqual(["list", "rotate", "--help"]);
    expect(ml.bash("key", "rotate", "--p")).toEqual(["--print"]);
    expect(ml.bash("key", "list", "--s")).toEqual([]);
  });

  test("completes the job names of ml.toml, and nothing of the job's own command", () => {
    expect(ml.bash("submit", "tr")).toEqual(["train"]);
    expect(ml.bash("--json", "run", "tr")).toEqual(["train"]);
    expect(ml.bash("queue", "train", "--", "t")).toEqual([]);
  });

  test("completes the values of an option, and leaves those that it does not know to bash", () => {
    expect(ml.bash("list", "--state", "run")).toEqual(["running"]);
    expect(ml.bash("queue", "--config", "")).toEqual([]);
    expect(ml.bash("list", "--state", "=", "run")).toEqual(["running"]);
    expect(ml.bash("list", "--state", "=")).toContain("running");
  });

  test("takes no value of an option before the verb for the verb", () => {
    expect(ml.bash("--config", "file", "stat")).toEqual(["status"]);
    expect(ml.bash("--config", "file", "--json", "key", "rot")).toEqual(["rotate"]);
    expect(ml.bash("key", "--config", "file", "rot")).toEqual(["rotate"]);
    expect(ml.bash("--config", "stat")).toEqual([]);
    expect(ml.bash("--config", "list", "list", "--state", "run")).toEqual(["running"]);
    // As bash cuts --config=file and ws://box:9100/ws.
    expect(ml.bash("--config", "=", "file", "stat")).toEqual(["status"]);
    expect(ml.bash("--config", "=", "stat")).toEqual([]);
    const url = ["ws", ":", "//box", ":", "9100/ws"];
    expect(ml.bash("--api-url", ...url, "stat")).toEqual(["status"]);
    expect(ml.bash("--api-url", "=", ...url, "stat")).toEqual(["status"]);
  });

  test("leaves file names to bash, which does not cut them at blanks, and offers options itself", () => {
    writeFileSync(join(folder, "my backup.tar"), "");
    const files = { complete: "files" as const };
    const restore = { name: "restore", aliases: [], summary: "", options: {}, words: files };
    const box = inShells(folder, { ...mlProgram(commands), commands: [...commands, restore] });
    expect(box.bash("restore", "my")).toEqual([]);
    expect(box.bash("restore", "")).toEqual([]);
    expect(box.bash("restore", "--js")).toEqual(["--json"]);
    expect(readFileSync(join(folder, "ml.bash"), "utf8")).toContain("complete -o default ");
  });
});

describe("fishCompletion()", () => {
  needsSystem("fish")("completes verbs, options and job names", () => {
    expect(new Set(ml.fish("ml lo"))).toEqual(new Set(["login", "logout", "logs"]));
    expect(ml.fish("ml queue --gp")).toEqual(["--gpus"]);
    expect(ml.fish("ml queue tr")).toEqual(["train"]);
    expect(ml.fish("ml list --state run")).toEqual(["running"]);
    expect(ml.fish("ml ke")).toEqual(["key"]);
    expect(ml.fish("ml key ")).toEqual(["list", "rotate"]);
    expect(ml.fish("ml key rotate --pr")).toEqual(["--print"]);
    expect(ml.fish("ml key list --sta")).toEqual([]);
    expect(ml.fish("ml key rotate ")).toEqual([]);
    expect(ml.fish("ml queue --config ml.t")).toEqual(["ml.toml"]);
  });

  needsSystem("fish")("takes no value of an option before the verb for the verb", () => {
    expect(ml.fish("ml --config file stat")).toEqual(["status"]);
    expect(ml.fish("ml --config=file stat")).toEqual(["status"]);
    expect(ml.fish("ml --json --api-url ws://box:9100/ws key rot")).toEqual(["rotate"]);
    expect(ml.fish("ml --config ml.t")).toEqual(["ml.toml"]);
    expect(ml.fish("ml --config list list --state run")).toEqual(["running"]);
  });
});

describe("zshCompletion()", () => {
  needsSystem("zsh")("is a script that zsh takes and registers", () => {
    expect(ml.zshFunction()).toBe("_ml");
  });

  needsSystem("zsh")("offers verbs, options, their values and job names", () => {
    expect(ml.zsh("")).toContain("queue:Submit a job");
    expect(ml.zsh("queue", "--g")).toContain("--gpus:whole GPUs");
    expect(ml.zsh("queue", "")).toBe("train\n");
    expect(ml.zsh("key", "")).toBe("list\nrotate\n");
    expect(ml.zsh("key", "rotate", "--p")).toContain("--print:print");
    expect(ml.zsh("list", "--state", "")).toContain("running\n");
    expect(ml.zsh("queue", "--config", "")).toBe("FILES\n");
  });

  needsSystem("zsh")("takes no value of an option before the verb for the verb", () => {
    for (const before of [["--config", "file"], ["--config=file"], ["--json"]]) {
      expect(ml.zsh(...before, "")).toContain("status:Show");
      expect(ml.zsh(...before, "key", "")).toBe("list\nrotate\n");
    }
    expect(ml.zsh("--config", "")).toBe("FILES\n");
    expect(ml.zsh("--config", "list", "list", "--state", "")).toContain("running\n");
    expect(ml.zsh("queue", "train", "--", "")).toBe("FILES\n");
  });
});
