// The file that carries a job's environment gives back every value as it was.
import { expect, test } from "bun:test";
import { assert, property, string } from "fast-check";
import { exportLines } from "./job-environment.ts";

test("exportLines() gives every value back as it was", () => {
  const text = string({ unit: "binary" }).filter(
    (value) => !value.includes("\0") && value.isWellFormed(),
  );
  assert(
    property(text, (value) => {
      const script = `${exportLines({ VALUE: value })}\nprintenv -0 VALUE`;
      const { stdout } = Bun.spawnSync({ cmd: ["sh"], stdin: Buffer.from(script) });
      expect(stdout.toString()).toBe(`${value}\0`);
    }),
    {
      numRuns: 50,
      examples: [["'"], ["'\\''"], ["a\nb\n"], ["$(id) `id` \\"], ["é\u{1f600}"], [""]],
    },
  );
});

test.each(["", "1A", "A B", "A;id", "A=B", "Ä"])("exportLines() refuses the name %j", (name) => {
  expect(() => exportLines({ [name]: "x" })).toThrow(JSON.stringify(name));
});

test("exportLines() refuses a value with a NUL", () => {
  expect(() => exportLines({ A: "x\0y" })).toThrow('"A"');
});
