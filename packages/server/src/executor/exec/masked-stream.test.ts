// Secrets are hidden in a stream however it is cut into pieces.
import { expect, test } from "bun:test";
import { createMask } from "../../secrets/mask-bytes.ts";
import { MaskedStream } from "./masked-stream.ts";

const VALUES = ["secret-one", "one-and-two", "line-a\nline-b"];
const TEXT = "a secret-one-and-two b secret-on, line-a\nline-b secret-one";

test.each([1, 2, 3, 7, 100])(
  "a value is masked in pieces of %d bytes, and nothing else",
  (size) => {
    const stream = new MaskedStream(createMask(VALUES));
    const bytes = Buffer.from(TEXT);
    let shown = "";
    for (let at = 0; at < bytes.length; at += size) {
      shown += stream.push(bytes.subarray(at, at + size), false).toString();
    }
    shown += stream.push(Buffer.alloc(0), true).toString();
    expect(shown).toBe(createMask(VALUES).hide(bytes).toString());
    expect(shown).toContain(" b secret-on, ");
  },
);

test("what cannot be the beginning of a value is not held back", () => {
  const stream = new MaskedStream(createMask(VALUES));
  expect(stream.push(Buffer.from("progress 1\n"), false).toString()).toBe("progress 1\n");
  expect(stream.push(Buffer.from("see secret"), false).toString()).toBe("see ");
});
