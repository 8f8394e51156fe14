// Tests of frames that leave together.
import { describe, expect, test } from "bun:test";
import { Outbox } from "./outbox.ts";

describe("Outbox", () => {
  test("hands over all frames of one moment at once, in their order", async () => {
    const delivered: (readonly string[])[] = [];
    const outbox = new Outbox((frames) => delivered.push(frames));
    outbox.push("a");
    await Promise.all([1, 2].map(() => Promise.resolve()));
    outbox.push("b");
    outbox.push("cc");
    expect(outbox.size).toBe(3);
    await Promise.resolve();
    expect(delivered).toEqual([["a"], ["b", "cc"]]);
    expect(outbox.size).toBe(0);
  });

  test("hands over at once when told, and then nothing twice", async () => {
    const delivered: (readonly string[])[] = [];
    const outbox = new Outbox((frames) => delivered.push(frames));
    outbox.push("a");
    outbox.flush();
    expect(delivered).toEqual([["a"]]);
    outbox.flush();
    await Promise.resolve();
    expect(delivered).toEqual([["a"]]);
  });

  test("forgets what it was told to forget", async () => {
    const delivered: (readonly string[])[] = [];
    const outbox = new Outbox((frames) => delivered.push(frames));
    outbox.push("a");
    outbox.clear();
    await Promise.resolve();
    expect(delivered).toEqual([]);
  });
});
