// Tests of how a command line is read.
import { describe, expect, test } from "bun:test";
import { FetchmlError } from "@fetchml/protocol";
import { commands } from "../command-table.ts";
import { isSet, textOf, textsOf } from "./option-values.ts";
import { parseCommandLine } from "./parse-command-line.ts";

function parse(line: string) {
  return parseCommandLine(line.split(" ").filter(Boolean), commands);
}

function invocationOf(line: string) {
  const parsed = parse(line);
  if (parsed.kind !== "run") throw new Error(`"${line}" is not to be run`);
  return parsed;
}

function usageError(line: string): string {
  let error: unknown;
  try {
    parse(line);
  } catch (thrown) {
    error = thrown;
  }
  if (!(error instanceof FetchmlError)) throw new Error(`"${line}" was taken`);
  expect(error.code).toBe("usage");
  expect(error.message.split("\n").length).toBeLessThanOrEqual(3);
  return error.message;
}

describe("parseCommandLine()", () => {
  test("finds the verb, its alias, options and words", () => {
    const { command, invocation } = invocationOf("submit train --gpus 2 --env A=1 --env=B=2");
    expect([command.name, invocation.verb, invocation.words]).toEqual([
      "queue",
      "submit",
      ["train"],
    ]);
    expect(textOf(invocation.options, "gpus")).toBe("2");
    expect(textsOf(invocation.options, "env")).toEqual(["A=1", "B=2"]);
    expect(isSet(invocation.options, "hold")).toBe(false);
  });

  test("takes options of every command before the verb", () => {
    const { invocation } = invocationOf("--api-url ws://h/ws --json status");
    expect(textOf(invocation.options, "api-url")).toBe("ws://h/ws");
    expect(isSet(invocation.options, "json")).toBe(true);
  });

  test("gives what follows -- to the job, options among it", () => {
    const { invocation } = invocationOf("queue train -- python3 train.py --json -- x");
    expect(invocation.command).toEqual(["python3", "train.py", "--json", "--", "x"]);
    expect(isSet(invocation.options, "json")).toBe(false);
    expect(invocationOf("queue train").invocation.command).toBeNull();
    expect(invocationOf("show -- 12").invocation.words).toEqual(["12"]);
  });

  test("reads short options together and with their value", () => {
    const { invocation } = invocationOf("logs -fn20 12");
    expect(isSet(invocation.options, "follow")).toBe(true);
    expect(textOf(invocation.options, "lines")).toBe("20");
  });

  test("answers help and version", () => {
    expect(parse("")).toEqual({ kind: "help", command: null });
    expect(parse("--version")).toEqual({ kind: "version" });
    expect(parse("-V")).toEqual({ kind: "version" });
    for (const line of ["help logs", "logs --help", "logs -h", "--help logs", "logs 12 -h"]) {
      expect(parse(line)).toMatchObject({ kind: "help", command: { name: "logs" } });
    }
  });

  test("finds a command of two words, options before, between and behind", () => {
    for (const line of ["key rotate --print --json", "--json key --print rotate"]) {
      const { command, invocation } = invocationOf(line);
      expect([command.name, invocation.verb, invocation.words]).toEqual([
        "key rotate",
        "key rotate",
        [],
      ]);
      expect(isSet(invocation.options, "print")).toBe(true);
      expect(isSet(invocation.options, "json")).toBe(true);
    }
    expect(invocationOf("key --config f list").command.name).toBe("key list");
    expect(usageError("key list mine")).toContain('"ml key list" takes no words');
  });

  test("helps with the first word of two", () => {
    for (const line of ["key --help", "help key", "--help key"]) {
      expect(parse(line)).toMatchObject({ kind: "family-help" });
    }
    expect(parse("help key rotate")).toMatchObject({ command: { name: "key rotate" } });
    expect(parse("key rotate -h")).toMatchObject({ command: { name: "key rotate" } });
    expect(usageError("key")).toContain("ml key list, ml key rotate");
    expect(usageError("key -- list")).toContain("half a command");
    expect(usageError("key rotat")).toContain('Did you mean "key rotate"?');
    expect(usageError("rotate")).toContain('Did you mean "key rotate"?');
  });

  test("names the verb that was meant", () => {
    expect(usageError("stauts")).toContain('Did you mean "status"?');
    expect(usageError("kill 12")).toContain('Did you mean "cancel"?');
    expect(usageError("help canel")).toContain('Did you mean "cancel"?');
    expect(usageError("frobnicate")).not.toContain("Did you mean");
    expect(usageError("constructor")).toContain("no command");
  });

  test("names the option that was meant", () => {
    expect(usageError("queue train --gpu 1")).toContain('Did you mean "--gpus"');
    expect(usageError("list --evryone")).toContain('Did you mean "--everyone"?');
    expect(usageError("list --constructor")).toContain("no option");
    expect(usageError("status -x")).toContain('no option "-x"');
    const lines = usageError("pull 12 -rf").split("\n");
    expect(lines).toEqual([
      'There is no option "-r" here.',
      '"ml pull --help" lists the options; what begins with a dash comes after --.',
    ]);
    for (const line of ["status -x", "key -x", "-x"])
      expect(usageError(line)).not.toContain("dash");
    expect(usageError("--jsn")).toContain('Did you mean "--json"');
  });

  test("refuses options without their value and flags with one", () => {
    expect(usageError("queue train --gpus")).toContain("--gpus needs a value: --gpus N");
    expect(usageError("queue train --gpus --hold")).toContain("--gpus needs a value");
    expect(usageError("status --json=yes")).toContain("--json takes no value");
  });

  test("refuses too few and too many words", () => {
    expect(usageError("show")).toContain("needs JOB");
    expect(usageError("show 12 13")).toContain('"13" is too much');
    expect(usageError("status now")).toContain("takes no words");
    expect(usageError("queue train python3 train.py")).toContain('after "--"');
  });
});
