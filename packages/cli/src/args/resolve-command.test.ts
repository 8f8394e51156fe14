// Tests of which command a job runs.
import { describe, expect, test } from "bun:test";
import { resolveCommand } from "./resolve-command.ts";

describe("resolveCommand()", () => {
  test("takes a string for the shell and a list as it is", () => {
    expect(resolveCommand("python3 train.py", null)).toEqual({
      shell: "python3 train.py",
      args: [],
    });
    expect(resolveCommand(["python3", "train.py"], null)).toEqual({
      argv: ["python3", "train.py"],
    });
  });

  test("appends what was typed to that of the file", () => {
    expect(resolveCommand("train", ["--lr", "0.1 $(x)"])).toEqual({
      shell: "train",
      args: ["--lr", "0.1 $(x)"],
    });
    expect(resolveCommand(["train"], ["--lr"])).toEqual({ argv: ["train", "--lr"] });
  });

  test("takes what was typed alone", () => {
    expect(resolveCommand(null, ["true"])).toEqual({ argv: ["true"] });
  });

  test("never guesses", () => {
    expect(resolveCommand(null, null)).toBeNull();
    expect(resolveCommand(null, [])).toBeNull();
  });
});
