// Tests of writing to descriptors that do not take everything.
import { expect, test } from "bun:test";
import { closeSync, openSync } from "node:fs";
import { FetchmlError } from "@fetchml/protocol";
import { writeWhole } from "./output.ts";

test.skipIf(process.platform !== "linux")(
  "writeWhole() says in words that there is no room where the output goes",
  () => {
    const full = openSync("/dev/full", "w");
    try {
      let thrown: unknown = null;
      try {
        writeWhole(full, "text");
      } catch (error) {
        thrown = error;
      }
      if (!(thrown instanceof FetchmlError)) throw new Error("not a FetchmlError");
      expect([thrown.code, thrown.message]).toEqual([
        "disk-full",
        expect.stringContaining("no room left where it goes.\nMake room there"),
      ]);
    } finally {
      closeSync(full);
    }
  },
);
