// Tests of telling private keys in DER from what only looks alike.
import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { needsSystem } from "../../../../e2e/system-tool.ts";
import { isDerPrivateKey } from "./der-private-key.ts";
import { secretInContent } from "./secret-content.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const large = generateKeyPairSync("ec", { namedCurve: "P-521" });
const edwards = generateKeyPairSync("ed25519");
const form = { format: "der" } as const;

describe("isDerPrivateKey()", () => {
  test("knows PKCS #8, PKCS #1 and SEC 1", () => {
    const keys = [
      rsa.privateKey.export({ ...form, type: "pkcs8" }),
      rsa.privateKey.export({ ...form, type: "pkcs1" }),
      ec.privateKey.export({ ...form, type: "pkcs8" }),
      ec.privateKey.export({ ...form, type: "sec1" }),
      large.privateKey.export({ ...form, type: "sec1" }),
      edwards.privateKey.export({ ...form, type: "pkcs8" }),
    ];
    expect(keys.map((key) => isDerPrivateKey(key))).toEqual(keys.map(() => true));
  });

  test("lets through public keys, what is cut, and what goes on", () => {
    const key = rsa.privateKey.export({ ...form, type: "pkcs8" });
    const others = [
      rsa.publicKey.export({ ...form, type: "spki" }),
      rsa.publicKey.export({ ...form, type: "pkcs1" }),
      ec.publicKey.export({ ...form, type: "spki" }),
      key.subarray(0, -1),
      Buffer.concat([key, Buffer.from([0])]),
      Buffer.alloc(0),
    ];
    expect(others.map((bytes) => isDerPrivateKey(bytes))).toEqual(others.map(() => false));
  });

  test("takes no noise for a key", () => {
    const noise = fc.uint8Array({ maxLength: 200 });
    fc.assert(fc.property(noise, (bytes) => !isDerPrivateKey(bytes)));
  });
});

needsSystem("openssl")(
  "isDerPrivateKey() knows what openssl writes, encrypted too, and lets its certificates and requests through",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "fetchml-der-"));
    const made = (words: string): boolean => {
      const out = join(folder, "out.der");
      const args = [...words.split(" "), "-outform", "DER", "-out", out];
      const child = Bun.spawnSync(["openssl", ...args], { cwd: folder });
      if (child.exitCode !== 0) throw new Error(`openssl ${words}: ${child.stderr.toString()}`);
      return isDerPrivateKey(readFileSync(out));
    };
    try {
      Bun.spawnSync(["openssl", "genrsa", "-out", "key.pem", "2048"], { cwd: folder });
      expect(made("pkey -in key.pem")).toBe(true);
      expect(made("pkey -in key.pem -traditional")).toBe(true);
      expect(made("pkcs8 -topk8 -in key.pem -passout pass:x")).toBe(true);
      expect(made("pkcs8 -topk8 -in key.pem -passout pass:x -v1 PBE-SHA1-3DES")).toBe(true);
      expect(made("pkey -in key.pem -pubout")).toBe(false);
      expect(made("req -new -key key.pem -subj /CN=box")).toBe(false);
      expect(made("req -new -x509 -key key.pem -subj /CN=box")).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

test("secretInContent() looks for such keys in files that by their name hold keys or certificates", () => {
  const key = edwards.privateKey.export({ ...form, type: "pkcs8" });
  for (const path of ["a.der", "b/a.KEY", "a.p8", "a.pk8", "a.cer", "a.pem"]) {
    expect([path, secretInContent(path, key)]).toEqual([path, "holds a private key"]);
  }
  expect(secretInContent("a.bin", key)).toBeNull();
});
