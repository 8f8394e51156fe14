// Tests of how strings from a server are made safe for one line.
import { expect, test } from "bun:test";
import { plainLines, plainText } from "./plain-text.ts";

test("plainText() drops control sequences, colours and direction marks", () => {
  expect(plainText("\u001B[31mtrain\u001B[0m\u0007\u202Etxt\u2066")).toBe("traintxt");
  expect(plainText("\u001B]0;pwned\u0007name")).toBe("name");
});

test("plainText() makes one line of several", () => {
  expect(plainText("a\nb\tc\u2028d")).toBe("a b c d");
});

test("plainText() leaves other scripts as they are", () => {
  expect(plainText("訓練-ж é 🎉")).toBe("訓練-ж é 🎉");
});

test("plainLines() keeps line breaks", () => {
  expect(plainLines("a\u001B[2J\nb\u009B31mc")).toBe("a\nbc");
});

test("plainText() changes exactly the texts with a control character, a direction mark or a separator", () => {
  const unsafe = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;
  const wrong: number[] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    const sign = String.fromCodePoint(code);
    if ((plainText(`a${sign}b`) !== `a${sign}b`) !== unsafe.test(sign)) wrong.push(code);
  }
  expect(wrong).toEqual([]);
});
