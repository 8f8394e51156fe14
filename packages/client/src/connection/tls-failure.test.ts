// Tests of the words for a certificate that is not trusted.
import { expect, test } from "bun:test";
import { tlsWords } from "./tls-failure.ts";

const place = { host: "box.example.org", port: "443", hasOwnCa: false };

test("tlsWords() says for each kind of failure what to do", () => {
  const wordsOf = (detail: string, hasOwnCa = false) => {
    const { why, advice } = tlsWords(detail, { ...place, hasOwnCa });
    return `${why}. ${advice}`;
  };
  for (const detail of [
    "SELF_SIGNED_CERT_IN_CHAIN",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "unable to verify the first certificate",
  ]) {
    expect(wordsOf(detail)).toContain("is not trusted");
    expect(wordsOf(detail)).toContain('set ca_file = "ca.pem"');
    expect(wordsOf(detail, true)).toContain("The CA file given has not signed it");
  }
  expect(wordsOf("ERR_TLS_CERT_ALTNAME_INVALID")).toContain("another name than box.example.org");
  expect(wordsOf("CERT_HAS_EXPIRED")).toContain("has expired. Its admin has to renew it");
  expect(wordsOf("it does not speak TLS on that port")).toContain("address with ws://");
});
