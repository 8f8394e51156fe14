// Tests of changing single lines of a config text.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { parse } from "smol-toml";
import { editConfigText } from "./edit-config-text.ts";

describe("editConfigText()", () => {
  test("keeps indentation, quotes around the name, comment and CRLF", () => {
    expect(editConfigText("  'api_key'  =  'a' # b\r\n", { api_key: "c" })).toBe(
      "  'api_key'  =  \"c\" # b\r\n",
    );
  });

  test("adds before the first table and its blank line", () => {
    expect(editConfigText("a = 1\n\n[t]\nb = 2", { api_key: "c" })).toBe(
      'a = 1\napi_key = "c"\n\n[t]\nb = 2',
    );
    expect(editConfigText("[t]\nb = 2\n", { api_key: "c" })).toBe('api_key = "c"\n[t]\nb = 2\n');
    expect(editConfigText("", { api_key: "c" })).toBe('api_key = "c"\n');
  });

  test("leaves every line its own end, and gives a new one that of the line above", () => {
    const mixed = 'a = 1\r\napi_key = "x" # y\nb = 2\r\n\n[t]\nc = 3\r\n';
    expect(editConfigText(mixed, { api_key: "c", api_url: "d" })).toBe(
      'a = 1\r\napi_key = "c" # y\nb = 2\r\napi_url = "d"\r\n\n[t]\nc = 3\r\n',
    );
    expect(editConfigText("a = 1\r\nb = 2", { api_key: "c" })).toBe(
      'a = 1\r\nb = 2\r\napi_key = "c"\r\n',
    );
    expect(editConfigText("[t]\r\n", { api_key: "c" })).toBe('api_key = "c"\r\n[t]\r\n');
  });

  for (const value of [
    '[\n  ["a", "b"],\n  ["c"]\n]',
    "[[\n[1], # ]]\n[2]\n]]",
    '"""\n[no table]\n\\""" ]\n"""',
    "'''\n[no table]\n''''",
    "{ a = [\n[1]\n] }",
    '"[" # [',
  ]) {
    test(`takes no line of the value ${JSON.stringify(value)} for a table`, () => {
      const text = `mine = ${value}\n\n[table]\nb = 2\n`;
      const edited = editConfigText(text, { api_key: "c" }) ?? "";
      expect(edited).toBe(`mine = ${value}\napi_key = "c"\n\n[table]\nb = 2\n`);
      expect(parse(edited)).toMatchObject({ api_key: "c", table: { b: 2 } });
      expect(editConfigText(text, { api_key: null })).toBe(text);
    });
  }

  test("takes a line away, and does nothing where there is none", () => {
    expect(editConfigText('a = 1\napi_key = "c"\nb = 2\n', { api_key: null })).toBe(
      "a = 1\nb = 2\n",
    );
    expect(editConfigText("a = 1\n", { api_key: null })).toBe("a = 1\n");
  });

  for (const text of ['api_key = """', "api_key = [1]", "api_key = 1", 'api_key = "a" "b"']) {
    test(`refuses ${text}`, () => {
      expect(editConfigText(text, { api_key: "c" })).toBeUndefined();
    });
  }

  test("writes any value so that it is read back, and leaves the other keys", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), (one, two) => {
        const text = 'before = 1\napi_key = "x"\n# comment\n\n[table]\napi_key = 2\n';
        const edited = editConfigText(text, { api_key: one, api_url: two }) ?? "";
        expect({ ...parse(edited) }).toEqual({
          before: 1,
          api_key: one,
          api_url: two,
          table: { api_key: 2 },
        } as never);
      }),
    );
  });
});
