// Tests of the text of a config file: what it may say, and that no message repeats a value.
import { describe, expect, test } from "bun:test";
import { FetchmlError } from "@fetchml/protocol";
import * as fc from "fast-check";
import { sampleKey } from "./config-home.fixture.ts";
import { parseConfig } from "./parse-config.ts";

const PATH = "/home/alice/.ml/config.toml";

describe("parseConfig()", () => {
  test("reads the four keys of the founding document", () => {
    const text = [
      `api_key = "${sampleKey()}"`,
      'worker_host = "localhost"',
      "worker_port = 9100",
      'api_url = "ws://localhost:9100/ws"',
    ].join("\n");
    const config = parseConfig(text, PATH);
    expect(config.apiKey).toBe(sampleKey());
    expect(config.url.apiUrl).toBe("ws://localhost:9100/ws");
    expect(config.warnings).toEqual([]);
  });

  test("makes the address of host and port when there is none", () => {
    const urlOf = (text: string) => parseConfig(text, PATH).url.apiUrl;
    expect(urlOf("")).toBe("ws://localhost:9100/ws");
    expect(urlOf('worker_host = "box.lan"\nworker_port = 9200')).toBe("ws://box.lan:9200/ws");
    expect(urlOf('worker_host = "::1"')).toBe("ws://[::1]:9100/ws");
    expect(urlOf('worker_port = 9200\napi_url = "wss://box.example/ws"')).toBe(
      "wss://box.example/ws",
    );
  });

  test("counts an empty key as missing", () => {
    expect(parseConfig('api_key = ""', PATH).apiKey).toBeNull();
    expect(parseConfig('api_key = "  "', PATH).apiKey).toBeNull();
  });

  test("takes CRLF, comments and both kinds of quotes", () => {
    const config = parseConfig("# mine\r\napi_key = 'abc' # key\r\nworker_port = 1\r\n", PATH);
    expect(config.apiKey).toBe("abc");
    expect(config.url.apiUrl).toBe("ws://localhost:1/ws");
  });

  test("warns of unknown keys with their line, but not of one that looks like a key's value", () => {
    const { warnings } = parseConfig('\napi_kye = "x"\nfetchml_abc = 1\n[tables]\na = 1', PATH);
    expect(warnings).toHaveLength(3);
    expect(warnings[0]).toStartWith(`${PATH}, line 2: the key api_kye is unknown and ignored`);
    expect(warnings.join()).not.toContain("fetchml_abc");
  });

  const bad: readonly (readonly [string, string])[] = [
    ["\napi_key = 12345", `${PATH}, line 2: api_key must be text in double quotes.`],
    ['worker_port = "9100"', `${PATH}, line 1: worker_port must be a number from 1 to 65535`],
    ["worker_port = 0", "worker_port must be a number"],
    ["worker_port = 65536", "worker_port must be a number"],
    ["worker_port = 91.5", "worker_port must be a number"],
    ['worker_host = "a b"', "worker_host is not the name or address of a host"],
    ['worker_host = "a/b"', "worker_host is not the name or address of a host"],
    ['worker_host = "a:b:c"', "worker_host"],
    ['api_url = "ftp://box"', "api_url must begin with ws:// or wss://"],
    ['api_url = "wss://u:hunter2@box/ws"', "api_url may hold no user name or password"],
    ['api_key_command = "bw get password"', "api_key_command must be a list of words"],
    ["api_key_command = []", "api_key_command must be a list of words"],
    ["api_key_command = [1]", "api_key_command must be a list of words"],
    [
      'api_key = "a"\napi_key = "b"',
      "line 2 (api_key): this stands in the file for the second time",
    ],
    ["api_key = fetchml_hunter2", "line 1 (api_key): text stands in double quotes"],
    ['api_key = "hunter2', "line 1 (api_key): the closing quote is missing"],
    ["fetchml_hunter2", 'line 1: a line reads name = "value"'],
    ['api_key = "hunter2" "x"', "line 1 (api_key)"],
  ];
  for (const [text, message] of bad) {
    test(`refuses ${JSON.stringify(text)}, naming file, line and key`, () => {
      const error = failureOf(text);
      expect(error.code).toBe("bad-file");
      expect(error.message).toContain(PATH);
      expect(error.message).toContain(message);
      expect(error.message).not.toContain("hunter2");
      expect(error.cause).toBeUndefined();
    });
  }

  test("never repeats the secret, wherever the text is broken", () => {
    const secret = sampleKey().slice("fetchml_".length);
    const text = `api_key = "${sampleKey()}"\nworker_port = 9100\napi_url = "ws://localhost/ws"\n`;
    fc.assert(
      fc.property(
        fc.nat(text.length),
        fc.nat(5),
        fc.constantFrom("", '"', "'", "\n", "=", "[", "\\", "\0", '"""'),
        (place, removed, inserted) => {
          const broken = text.slice(0, place) + inserted + text.slice(place + removed);
          const shown = shownBy(broken);
          // Any eight symbols in a row would be a leak; the public id is not among them.
          for (let from = 4; from + 8 <= secret.length; from++) {
            expect(shown).not.toContain(secret.slice(from, from + 8));
          }
          expect(shown.split("\n").length).toBeLessThanOrEqual(3);
        },
      ),
      { numRuns: 500 },
    );
  });
});

function failureOf(text: string): FetchmlError {
  try {
    parseConfig(text, PATH);
  } catch (error) {
    if (error instanceof FetchmlError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

/** All that a person would see of this text: the error, or the warnings. */
function shownBy(text: string): string {
  try {
    return parseConfig(text, PATH).warnings.join(" ");
  } catch (error) {
    if (error instanceof FetchmlError) return error.message;
    throw error;
  }
}
