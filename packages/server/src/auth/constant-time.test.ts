// A shown key is compared with what is stored by the comparison whose time does not tell how much of it was right.
import { afterEach, beforeEach, describe, expect, spyOn, test } from "bun:test";
import * as crypto from "node:crypto";
import { generateApiKey, type IssuedKey } from "@fetchml/protocol";
import { makeAuth, type AuthFixture } from "./auth.fixture.ts";
import { systemRandomBytes } from "./context.ts";

let auth: AuthFixture;
let alice: IssuedKey;
let compare = spyOn(crypto, "timingSafeEqual");

beforeEach(async () => {
  auth = makeAuth();
  alice = await auth.give("alice");
  compare = spyOn(crypto, "timingSafeEqual");
});
afterEach(() => {
  compare.mockRestore();
  return auth.close();
});

const hashOf = (key: string) => new Bun.CryptoHasher("sha256").update(key).digest("hex");
const compared = () => compare.mock.calls.map((pair) => pair.map((each) => hexOf(each)));

function hexOf(bytes: ArrayBufferLike | NodeJS.ArrayBufferView): string {
  // timingSafeEqual() also takes buffers without a view, which are never handed to it here.
  if (!ArrayBuffer.isView(bytes)) throw new Error("compared something else than views");
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/** Whether the key is let in. */
async function isLetIn(key: string): Promise<boolean> {
  const shown = { authorization: `Bearer ${key}`, address: "127.0.0.1", client: null };
  return auth.authenticator.authenticate(shown).then(
    () => true,
    () => false,
  );
}

/** Well-formed, of that id, and never issued. */
const strangeKey = (id: string) => generateApiKey({ id, randomBytes: systemRandomBytes });

describe("authenticate()", () => {
  test("compares the hash of what was shown with the stored one by timingSafeEqual(), once", async () => {
    expect(await isLetIn(alice.api_key)).toBe(true);
    expect(compared()).toEqual([[hashOf(alice.api_key), alice.api_key_hash]]);
    const wrong = strangeKey(alice.id);
    compare.mockClear();
    expect(await isLetIn(wrong)).toBe(false);
    expect(compared()).toEqual([[hashOf(wrong), alice.api_key_hash]]);
  });

  test("compares just so when no key has that id, so that the time does not tell of ids either", async () => {
    const unknown = strangeKey(alice.id === "zzzz" ? "yyyy" : "zzzz");
    expect(await isLetIn(unknown)).toBe(false);
    expect(compared()).toEqual([[hashOf(unknown), "0".repeat(64)]]);
  });

  test("goes by that comparison alone", async () => {
    compare.mockReturnValueOnce(false);
    expect(await isLetIn(alice.api_key)).toBe(false);
    compare.mockReturnValueOnce(true);
    expect(await isLetIn(strangeKey(alice.id))).toBe(true);
  });

  test("compares nothing that has not the form of a key", async () => {
    for (const text of ["", "nonsense", alice.api_key_hash, alice.api_key.toUpperCase()]) {
      expect(await isLetIn(text)).toBe(false);
    }
    expect(compare).not.toHaveBeenCalled();
  });
});
