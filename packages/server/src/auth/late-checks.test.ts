// The checks that only a change in the very same moment gets to: each holds by itself, behind the ones before it.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { IssuedKey } from "@fetchml/protocol";
import { keyForCheck } from "../store/api-keys.ts";
import { openStore } from "../store/open-store.ts";
import { BOX, makeAuth, type AuthFixture } from "./auth.fixture.ts";
import { listApiKeys, revokeKeys } from "./keys.ts";
import { rotateOwnKey } from "./own-keys.ts";
import { disableUser } from "./user-changes.ts";

let auth: AuthFixture;
let alice: IssuedKey;

beforeEach(async () => {
  auth = makeAuth();
  alice = await auth.give("alice");
});
afterEach(() => auth.close());

const show = ({ api_key }: { readonly api_key: string }) =>
  auth.authenticator.authenticate({
    authorization: `Bearer ${api_key}`,
    address: "10.0.0.1",
    client: null,
  });
const rotated = async () => rotateOwnKey(auth, await show(alice), "10.0.0.1");

describe("the first use of a key", () => {
  test("lets nobody in whose key is revoked while that use is being stored", async () => {
    const fresh = await rotated();
    const entering = show(fresh);
    const revoking = revokeKeys(auth, BOX, { id: fresh.id });
    expect(await entering.catch((error: unknown) => error)).toMatchObject({ code: "key-revoked" });
    await revoking;
  });

  test("lets its holder in until the key's own end, not until that of its waiting", async () => {
    const fresh = await rotated();
    expect((await show(fresh)).keyExpiresAt).toBe(fresh.expires_at);
  });

  test("is on the disk before any of those who come with it at once is let in", async () => {
    const fresh = await rotated();
    const disk = openStore(auth.dataDir, auth.clock.now());
    const isOnDisk = () => keyForCheck(disk, fresh.id)?.pending_until === null;
    const seen = await Promise.all([1, 2, 3].map(() => show(fresh).then(isOnDisk)));
    disk.close();
    expect(seen).toEqual([true, true, true]);
  });
});

describe("rotateOwnKey()", () => {
  for (const [what, act, code] of [
    ["was revoked", (id: string) => revokeKeys(auth, BOX, { id }), "key-revoked"],
    ["belongs to a user who was disabled", () => disableUser(auth, BOX, "alice"), "key-invalid"],
  ] as const) {
    test(`makes nothing for a key that ${what} after it was let in`, async () => {
      const holder = await show(alice);
      await act(alice.id);
      expect(
        await rotateOwnKey(auth, holder, "10.0.0.1").catch((error: unknown) => error),
      ).toMatchObject({ code });
      expect(await listApiKeys(auth, "alice")).toHaveLength(1);
    });
  }
});
