// What a close of the server's is turned into for a person, by its code and the word in its reason.
import { describe, expect, test } from "bun:test";
import { CLOSE_KEY_ENDED, KEY_ENDS, keyEndReason, type KeyEnd } from "@fetchml/protocol";
import { closeError } from "./close-reason.ts";

const URL = "ws://localhost:9100/ws";

function ended(reason: string) {
  return closeError(URL, { code: CLOSE_KEY_ENDED, reason });
}

describe("closeError() for a key that has ended", () => {
  // By the table's own keys.
  for (const why of Object.keys(KEY_ENDS) as KeyEnd[]) {
    test(`knows ${why} by its word, and tells it in the server's sentence`, () => {
      const { code, message } = ended(keyEndReason(why));
      expect(code).toBe(KEY_ENDS[why].code);
      expect(message).toContain(KEY_ENDS[why].sentence);
      expect(message).not.toContain(`${why}:`);
      expect(message.split("\n")).toHaveLength(2);
    });
  }

  test("goes by the word whatever the sentence says", () => {
    expect(ended("user-disabled: The API key has expired.").code).toBe("key-invalid");
  });

  test("tells whoever only got another role that the key is good", () => {
    expect(ended(keyEndReason("role-changed")).message).toContain("type the command again");
    expect(ended(keyEndReason("key-revoked")).message).toContain("ml login");
  });

  test("takes a reason without a word, or with one of a later release, for a key that is no longer good", () => {
    for (const reason of ["", "The API key has expired.", "key-lost: It is gone."]) {
      expect(ended(reason).code).toBe("key-invalid");
    }
    expect(ended("key-lost: It is gone.").message).toContain("It is gone.");
    expect(ended("").message).toContain("no longer valid");
  });

  test("shows no control characters of the server's", () => {
    expect(ended("key-revoked: a\u001B[31mb\n").message).not.toContain("\u001B");
  });
});
