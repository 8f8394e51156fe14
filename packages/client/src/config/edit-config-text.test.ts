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
      'a = 1\napi_key = "c"\n\n[t]\nb = 2\n',
    );
    expect(editConfigText("[t]\nb = 2\n", { api_key: "c" })).toBe('api_key = "c"\n[t]\nb = 2\n');
    expect(editConfigText("", { api_key: "c" })).toBe('api_key = "c"\n');
  });

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
