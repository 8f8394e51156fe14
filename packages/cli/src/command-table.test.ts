// Tests of the command table as a whole.
import { describe, expect, test } from "bun:test";
import { optionsOf } from "./args/parse-command-line.ts";
import { commands } from "./command-table.ts";
import { commandText, overviewText } from "./render/help-text.ts";

describe("commands", () => {
  test("have names and aliases that no other has", () => {
    const names = commands.flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
    expect(names).not.toContain("help");
  });

  test("each load code with a function to run", async () => {
    for (const command of commands) {
      expect((await command.load()).run).toBeFunction();
    }
  });

  test("have no short option twice", () => {
    for (const command of commands) {
      const letters = Object.values(optionsOf(command)).flatMap(({ short }) => short ?? []);
      expect(new Set(letters).size).toBe(letters.length);
    }
  });

  test("have help with usage, all options and an example", () => {
    for (const command of commands) {
      const text = commandText(command);
      expect(command.examples.length).toBeGreaterThan(0);
      for (const { line } of command.examples) expect(text).toContain(line);
      for (const name of Object.keys(optionsOf(command))) expect(text).toContain(`--${name}`);
      expect(text).toContain(command.usage[0] ?? "?");
      expect(overviewText(commands)).toContain(command.summary);
    }
  });

  test("have help that fits a terminal of 120 columns", () => {
    for (const text of [overviewText(commands), ...commands.map(commandText)]) {
      for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
    }
  });

  test("take no key on the command line", () => {
    for (const command of commands)
      expect(Object.keys(optionsOf(command))).not.toContain("api-key");
  });
});
