// What counts as this machine, and what only looks like it.
import { describe, expect, test } from "bun:test";
import { isLoopbackHost } from "./loopback.ts";

describe("isLoopbackHost()", () => {
  for (const host of [
    "localhost",
    "LocalHost",
    "127.0.0.1",
    "127.0.0.0",
    "127.255.255.255",
    "127.9.99.249",
    "::1",
    "[::1]",
  ]) {
    test(`knows ${host} as this machine`, () => {
      expect(isLoopbackHost(host)).toBe(true);
    });
  }

  for (const host of [
    "",
    "127.999.1.1",
    "127.0.0.256",
    "127.0.1",
    "127.1",
    "127.0.0.01",
    "127.0.0.1.5",
    "127.0.0.1.evil.example",
    "127.0.0.1\n",
    "0127.0.0.1",
    "128.0.0.1",
    "0.0.0.0",
    "a.localhost",
    "localhost.",
    "localhost.evil.example",
    "::",
    "::2",
    "[::2]",
    "[::1",
    "::1]",
    "[127.0.0.1]",
  ]) {
    test(`takes ${JSON.stringify(host)} for another`, () => {
      expect(isLoopbackHost(host)).toBe(false);
    });
  }
});
