// Tests of manifests that wait for what was missing of them.
import { afterEach, describe, expect, test } from "bun:test";
import { AskedManifests } from "./asked-manifests.ts";

let now = 0;
let forgottenUpTo = -1;
const inUse = { hasForgotten: (since: number) => forgottenUpTo >= since };
let asked = new AskedManifests(() => now, inUse);
afterEach(() => {
  asked.close();
  now = 0;
  forgottenUpTo = -1;
  asked = new AskedManifests(() => now, inUse);
});

const manifest = (id: string, length = 3) => ({
  id,
  text: "x".repeat(length),
  fileCount: 1,
  totalBytes: 1,
  reliesSince: 5,
});

/** Each blob has three bytes. */
const sizes = (...hashes: readonly string[]) => new Map(hashes.map((hash) => [hash, 3]));

describe("AskedManifests", () => {
  test("hands a manifest out when the last of what was missing has come, once", () => {
    asked.remember(1, manifest("a"), sizes("h1", "h2"));
    asked.arrived(1, sizes("h2", "other"));
    expect(asked.takeWhole(1, "a")).toBeNull();
    asked.arrived(1, sizes("h1"));
    expect(asked.takeWhole(1, "b")).toBeNull();
    expect(asked.takeWhole(1, "a")).toEqual(manifest("a"));
    expect(asked.takeWhole(1, "a")).toBeNull();
  });

  test("hands none out when what it relies on was forgotten as in use", () => {
    for (const upTo of [4, 5]) {
      asked.remember(1, manifest(`${upTo}`), sizes("h1"));
      asked.arrived(1, sizes("h1"));
      forgottenUpTo = upTo;
      expect(asked.takeWhole(1, `${upTo}`) === null).toBe(upTo === 5);
    }
  });

  test("counts for a user only what that user has sent", () => {
    asked.remember(1, manifest("a"), sizes("h1"));
    asked.remember(2, manifest("a"), sizes("h1"));
    asked.arrived(2, sizes("h1"));
    expect(asked.takeWhole(1, "a")).toBeNull();
    expect(asked.takeWhole(2, "a")).not.toBeNull();
  });

  test("believes what was said last of a manifest", () => {
    asked.remember(1, manifest("a"), sizes("h1"));
    asked.arrived(1, sizes("h1"));
    // Shown once more: by then one of its files was gone.
    asked.remember(1, manifest("a"), sizes("h2"));
    expect(asked.takeWhole(1, "a")).toBeNull();
  });

  test("forgets what was shown half an hour ago: what was there then may be gone", () => {
    asked.remember(1, manifest("a"), sizes("h1"));
    asked.arrived(1, sizes("h1"));
    now = 1_800_000;
    expect(asked.takeWhole(1, "a")).toBeNull();
  });

  test("holds no more than so many characters, the newest", () => {
    const length = 30 * 1024 ** 2;
    for (const [user, id] of ["a", "b", "c"].entries())
      asked.remember(user, manifest(id, length), sizes());
    expect(["a", "b", "c"].map((id, user) => asked.takeWhole(user, id) !== null)).toEqual([
      false,
      true,
      true,
    ]);
  });

  test("goes on missing a blob that came in another size than the manifest says", () => {
    asked.remember(1, manifest("a"), sizes("h1"));
    asked.arrived(1, new Map([["h1", 4]]));
    expect(asked.takeWhole(1, "a")).toBeNull();
    asked.arrived(1, sizes("h1"));
    expect(asked.takeWhole(1, "a")).not.toBeNull();
  });

  test("holds of one user no more than 64, the newest, and forgets nobody else's for them", () => {
    asked.remember(2, manifest("other"), sizes());
    for (let n = 0; n < 70; n++) asked.remember(1, manifest(`${n}`), sizes());
    const kept = Array.from({ length: 70 }, (_, n) => asked.takeWhole(1, `${n}`) !== null);
    expect(kept).toEqual(Array.from({ length: 70 }, (_, n) => n >= 6));
    expect(asked.takeWhole(2, "other")).not.toBeNull();
  });

  test("holds of one user no more than so many characters, and forgets nobody else's for them", () => {
    const length = 20 * 1024 ** 2;
    asked.remember(2, manifest("other", length), sizes());
    for (const id of ["a", "b", "c", "d"]) asked.remember(1, manifest(id, length), sizes());
    expect(["a", "b", "c", "d"].map((id) => asked.takeWhole(1, id) !== null)).toEqual([
      false,
      false,
      false,
      true,
    ]);
    expect(asked.takeWhole(2, "other")).not.toBeNull();
  });
});
