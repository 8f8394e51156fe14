// Shows that arguments are taken apart as Node does it.
import { expect, test } from "bun:test";
import { parseArgs } from "node:util";
import * as fc from "fast-check";
import type { OptionSpecs } from "../command.ts";
import { argumentTokens, type ArgumentToken } from "./argument-tokens.ts";

const specs: OptionSpecs = {
  follow: { type: "boolean", short: "f", help: "" },
  all: { type: "boolean", help: "" },
  lines: { type: "string", short: "n", help: "" },
  env: { type: "string", multiple: true, short: "e", help: "" },
  x: { type: "string", help: "" },
};

function tokensOfNode(args: readonly string[]): readonly ArgumentToken[] {
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(specs).map(([name, { type, short }]) => [
        name,
        { type, multiple: true, ...(short === undefined ? {} : { short }) },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens.flatMap((token): ArgumentToken[] => {
    if (token.kind === "option-terminator") return [];
    if (token.kind === "positional") return [{ kind: "word", value: token.value }];
    const { name, rawName, value, inlineValue } = token;
    return [{ kind: "option", name, rawName, value, isInline: inlineValue === true }];
  });
}

const PIECES = "- -- = f n e x z follow lines env all no- 1 A=1 é constructor"
  .split(" ")
  .concat([" ", ""]);
const piece = fc.constantFrom(...PIECES);
const argument = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(""));

test("argumentTokens() tells the tokens that node:util tells", () => {
  fc.assert(
    fc.property(fc.array(argument, { maxLength: 5 }), (args) => {
      expect(argumentTokens(args, specs)).toEqual(tokensOfNode(args));
    }),
    { numRuns: 5000 },
  );
});

test("argumentTokens() keeps a letter of two halves whole, which node:util does not", () => {
  const option: ArgumentToken = {
    kind: "option",
    name: "😀",
    rawName: "-😀",
    value: undefined,
    isInline: false,
  };
  expect(argumentTokens(["-😀"], specs)).toEqual([option]);
});
