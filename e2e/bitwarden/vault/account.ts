// The one account of the test server: its keys, its organizations, and what a client is told about them.
import { createHmac, generateKeyPairSync, pbkdf2Sync, randomUUID } from "node:crypto";
import { encrypt, encryptFor, newKey, type SymmetricKey } from "./encrypted-string.ts";

/** Who logs in, and with what. */
export const EMAIL = "admin@example.test";
/** The master password. */
export const MASTER_PASSWORD = "correct horse battery staple";
/** Bitwarden asks for 600,000; the client takes fewer from its server. */
const ROUNDS = 5000;

/** An organization with its collections, by name. */
export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly key: SymmetricKey;
  /** Collection ids by name. */
  readonly collections: Readonly<Record<string, string>>;
}

const masterKey = pbkdf2Sync(MASTER_PASSWORD, EMAIL, ROUNDS, 32, "sha256");
const userId = randomUUID();
const securityStamp = randomUUID();
const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });

/** The key of the personal vault. */
export const USER_KEY: SymmetricKey = newKey();

/** It has a collection `FetchML`, and one `Guests`. */
export const HOMELAB = organization("Homelab", ["FetchML", "Guests"]);
/** It has a collection `Guests` too. */
export const CLUB = organization("Club", ["Guests"]);

const wrappedUserKey = encrypt(USER_KEY, stretch(masterKey));
const accountKeys = {
  publicKeyEncryptionKeyPair: {
    publicKey: pair.publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    wrappedPrivateKey: encrypt(pair.privateKey.export({ type: "pkcs8", format: "der" }), USER_KEY),
  },
};

/** The answer to a prelogin. */
export const PRELOGIN = { kdf: 0, kdfIterations: ROUNDS };

/** What the client sends in place of the master password. */
export const PASSWORD_HASH = pbkdf2Sync(masterKey, MASTER_PASSWORD, 1, 32, "sha256").toString(
  "base64",
);

/** The answer to a login and to a refresh. */
export function tokenAnswer(): object {
  const unlock = {
    Salt: EMAIL,
    Kdf: { KdfType: 0, Iterations: ROUNDS },
    MasterKeyEncryptedUserKey: wrappedUserKey,
  };
  return {
    access_token: accessToken(),
    expires_in: 86_400,
    token_type: "Bearer",
    refresh_token: "refresh",
    Key: wrappedUserKey,
    Kdf: 0,
    KdfIterations: ROUNDS,
    AccountKeys: accountKeys,
    UserDecryptionOptions: { HasMasterPassword: true, MasterPasswordUnlock: unlock },
  };
}

/** What a sync says of the account and its collections. */
export function profileAndCollections(): object {
  return {
    profile: {
      id: userId,
      email: EMAIL,
      emailVerified: true,
      key: wrappedUserKey,
      accountKeys,
      securityStamp,
      creationDate: "2026-01-01T00:00:00.000Z",
      organizations: [HOMELAB, CLUB].map(({ id, name, key }) => ({
        id,
        name,
        key: encryptFor(pair.publicKey, key),
        enabled: true,
        status: 2,
        type: 0,
        userId,
        permissions: {},
      })),
      providers: [],
      providerOrganizations: [],
    },
    collections: [HOMELAB, CLUB].flatMap((owner) =>
      Object.entries(owner.collections).map(([name, id]) => ({
        id,
        organizationId: owner.id,
        name: encrypt(name, owner.key),
        manage: true,
      })),
    ),
  };
}

/** The key that items of this organization are encrypted with; `null` is the personal vault. */
export function keyOf(organizationId: string | null): SymmetricKey {
  if (organizationId === null) return USER_KEY;
  const owner = [HOMELAB, CLUB].find(({ id }) => id === organizationId);
  if (owner === undefined) throw new Error(`no such organization: ${organizationId}`);
  return owner.key;
}

function organization(name: string, collections: readonly string[]): Organization {
  const ids = collections.map((collection) => [collection, randomUUID()] as const);
  return { id: randomUUID(), name, key: newKey(), collections: Object.fromEntries(ids) };
}

/** HKDF-Expand of RFC 5869 for one block, once for each half. */
function stretch(key: Buffer): SymmetricKey {
  const half = (info: string) => createHmac("sha256", key).update(`${info}\u0001`).digest();
  return Buffer.concat([half("enc"), half("mac")]);
}

/** The client looks into the token but cannot check its signature. */
function accessToken(): string {
  const claims = {
    sub: userId,
    email: EMAIL,
    email_verified: true,
    client_id: "cli",
    iss: "test",
    premium: false,
    exp: Math.floor(Date.now() / 1000) + 86_400,
  };
  const parts = [{ alg: "none" }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  return `${parts.join(".")}.c2ln`;
}
