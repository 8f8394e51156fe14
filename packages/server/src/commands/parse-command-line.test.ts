// What is typed becomes a command, help, or words that say what is wrong with it.
import { describe, expect, test } from "bun:test";
import { FetchmlError } from "@fetchml/protocol";
import { adminCommands } from "./command-table.ts";
import { parseCommandLine } from "./parse-command-line.ts";

const parse = (line: string) => parseCommandLine(line.split(" ").filter((word) => word !== ""));

function problemWith(line: string): string {
  try {
    parse(line);
  } catch (error) {
    if (error instanceof FetchmlError && error.code === "usage") return error.message;
    throw error;
  }
  throw new Error(`${line} was understood`);
}

describe("half a command", () => {
  test("is called so, with what it may be, whatever options follow it", () => {
    for (const line of ["key", "key --data-dir /tmp/x", "user --json"]) {
      const said = problemWith(line);
      const [word] = line.split(" ");
      expect(said).toStartWith(`"fetchml ${word}" is half a command. There are: ${word} `);
      expect(said.split("\n")).toHaveLength(2);
    }
  });

  test("with a second word that is none is named whole", () => {
    expect(problemWith("key isue alice")).toContain('no command "key isue". There are: key issue');
    expect(problemWith("nonsense")).toContain(
      'no command "nonsense". There are: serve, init, user, key',
    );
  });

  test("gets the help of its family", () => {
    const keys = adminCommands.filter(({ name }) => name.startsWith("key "));
    for (const line of ["key --help", "key -h", "help key"]) {
      expect(parse(line)).toEqual({ kind: "help", about: keys });
    }
  });
});

describe("help", () => {
  test("is about all commands or about one", () => {
    for (const line of ["", "help", "--help", "-h"]) {
      expect(parse(line)).toEqual({ kind: "help", about: adminCommands });
    }
    const issue = adminCommands.find(({ name }) => name === "key issue");
    for (const line of ["help key issue", "key issue --help", "key issue -h"]) {
      expect(parse(line)).toEqual({ kind: "help", about: issue ?? [] });
    }
  });
});

describe("an option's value", () => {
  test("may be a number below zero, for the command to refuse in its own words", () => {
    expect(parse("key rotate kpaz --grace -1")).toMatchObject({
      kind: "run",
      invocation: { flags: { grace: "-1" }, positionals: ["kpaz"] },
    });
  });

  test("that looks like an option is told how to be written", () => {
    const said = problemWith("key issue alice --label -x");
    expect(said).toContain("--label takes a value");
    expect(said).toContain("write --label=VALUE");
    expect(parse("key issue alice --label=-x")).toMatchObject({
      invocation: { flags: { label: "-x" } },
    });
  });

  test("is missed in words where nothing follows", () => {
    expect(problemWith("key issue alice --label")).toContain("'--label <value>' argument missing");
    expect(problemWith("key issue alice --lable x")).toContain("Unknown option '--lable'");
  });
});
