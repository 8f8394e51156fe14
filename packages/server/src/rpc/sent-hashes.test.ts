// Tests of the hashes that are kept of files that were sent.
import { describe, expect, test } from "bun:test";
import { MOST_KEPT, SentHashes } from "./sent-hashes.ts";

const hash = (character: string) => character.repeat(64);

describe("SentHashes", () => {
  test("knows a hash by path and tag, and by nothing less", () => {
    const hashes = new SentHashes();
    hashes.of("/a", { etag: '"1"' })?.keep(hash("a"));
    expect(hashes.of("/a", { etag: '"1"' })?.find()).toBe(hash("a"));
    expect(hashes.of("/a", { etag: '"2"' })?.find()).toBeNull();
    expect(hashes.of("/b", { etag: '"1"' })?.find()).toBeNull();
  });

  test("has no place for a file that may be changed without another tag", () => {
    expect(new SentHashes().of("/a", { etag: 'W/"1"' })).toBeNull();
  });

  test("keeps so many and no more: the oldest goes", () => {
    const hashes = new SentHashes();
    const at = (number: number) => hashes.of(`/${number}`, { etag: '"1"' });
    for (let number = 0; number < MOST_KEPT; number++) at(number)?.keep(hash("a"));
    at(0)?.keep(hash("b"));
    at(MOST_KEPT)?.keep(hash("c"));
    expect([0, 1, 2, MOST_KEPT].map((number) => at(number)?.find())).toEqual([
      hash("b"),
      null,
      hash("a"),
      hash("c"),
    ]);
  });
});
