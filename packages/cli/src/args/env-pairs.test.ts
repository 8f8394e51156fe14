// Tests of `--env`.
import { describe, expect, test } from "bun:test";
import { readEnvPairs } from "./env-pairs.ts";

describe("readEnvPairs()", () => {
  test("reads names, values and equal signs inside values", () => {
    expect(readEnvPairs(["A=1", "B=x=y", "C=", "A=2"], {})).toEqual({ A: "2", B: "x=y", C: "" });
  });

  test("takes the value from here for a name alone", () => {
    expect(readEnvPairs(["WANDB_MODE"], { WANDB_MODE: "offline" })).toEqual({
      WANDB_MODE: "offline",
    });
    expect(() => readEnvPairs(["WANDB_MODE"], {})).toThrow("not set here");
  });

  test("refuses bad names without showing the value", () => {
    for (const text of ["=x", "1A=secret", "A-B=secret", " A=secret"]) {
      expect(() => readEnvPairs([text], {})).toThrow(/^(?!.*secret).*cannot be a variable/);
    }
  });
});
