// Tests of addresses as people write them.
import { describe, expect, test } from "bun:test";
import { httpUrlOf, parseApiUrl } from "./api-url.ts";

describe("parseApiUrl()", () => {
  const good: readonly (readonly [string, string])[] = [
    ["ws://localhost:9100/ws", "ws://localhost:9100/ws"],
    ["  wss://box.example/ws\n", "wss://box.example/ws"],
    ["ws://localhost:9100", "ws://localhost:9100/ws"],
    ["ws://localhost:9100/", "ws://localhost:9100/ws"],
    ["http://localhost:9100/ws", "ws://localhost:9100/ws"],
    ["https://box.example", "wss://box.example/ws"],
    ["https://box.example/fetchml/ws", "wss://box.example/fetchml/ws"],
    ["WSS://Box.Example/ws", "wss://box.example/ws"],
    ["ws://localhost/ws", "ws://localhost/ws"],
    ["localhost", "ws://localhost:9100/ws"],
    ["localhost:8000", "ws://localhost:8000/ws"],
    ["localhost:443", "ws://localhost:443/ws"],
    ["127.0.0.1", "ws://127.0.0.1:9100/ws"],
    ["[::1]", "ws://[::1]:9100/ws"],
    ["[::1]:8000/ws", "ws://[::1]:8000/ws"],
    ["box.example", "wss://box.example/ws"],
    ["box.example:8443/ws", "wss://box.example:8443/ws"],
  ];
  for (const [text, apiUrl] of good) {
    test(`takes ${JSON.stringify(text)} for ${apiUrl}`, () => {
      expect(parseApiUrl(text)).toMatchObject({ ok: true, url: { apiUrl } });
    });
  }

  for (const text of [
    "",
    "   ",
    "ftp://box/ws",
    "file:///ws",
    "ws://",
    "ws://box:99999/ws",
    "ws://user:secret@box/ws",
    "ws://box/ws?key=secret",
    "ws://box/ws#secret",
    "ws://box/rpc",
    "not a host",
  ]) {
    test(`refuses ${JSON.stringify(text)} without quoting it`, () => {
      const parsed = parseApiUrl(text);
      expect(parsed.ok).toBeFalse();
      if (!parsed.ok) expect(parsed.problem).not.toContain("secret");
    });
  }

  test("knows what can be read on the way", () => {
    const isReadable = (text: string) => {
      const parsed = parseApiUrl(text);
      return parsed.ok && parsed.url.isReadableOnTheWay;
    };
    expect(
      ["ws://box/ws", "ws://192.168.1.5/ws", "ws://localhost.evil/ws"].map(isReadable),
    ).toEqual([true, true, true]);
    expect(["wss://box/ws", "ws://localhost/ws", "ws://127.9.9.9/ws"].map(isReadable)).toEqual([
      false,
      false,
      false,
    ]);
  });

  test("gives the same server over HTTP", () => {
    expect(parseApiUrl("ws://localhost:9100/ws")).toMatchObject({
      url: { httpUrl: "http://localhost:9100", origin: "ws://localhost:9100" },
    });
    expect(httpUrlOf("wss://box.example/fetchml/ws")).toBe("https://box.example/fetchml");
  });
});
