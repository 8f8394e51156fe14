// The header that carries the hash of a file.
import { expect, test } from "bun:test";
import { readReprDigest, reprDigest } from "./output-headers.ts";

// SHA-256 of nothing, as RFC 9530 writes it.
const SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const HEADER = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";

test("a Repr-Digest is written as RFC 9530 has it, and read among others", () => {
  expect(reprDigest(SHA256)).toBe(HEADER);
  expect(readReprDigest(HEADER)).toBe(SHA256);
  expect(readReprDigest(`sha-512=:AAAA:, ${HEADER}`)).toBe(SHA256);
});

test("a Repr-Digest without a SHA-256, or with a malformed one, says nothing", () => {
  for (const header of [
    null,
    "",
    "sha-512=:AAAA:",
    "sha-256=:AAAA:",
    "sha-256=abc",
    `x${HEADER}`,
  ]) {
    expect(readReprDigest(header)).toBeNull();
  }
});
