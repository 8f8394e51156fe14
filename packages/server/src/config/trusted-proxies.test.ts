// Which lines `trusted_proxies` of the config file may hold.
import { describe, expect, test } from "bun:test";
import { ConfigFile } from "./settings.ts";

const isTaken = (network: string) => ConfigFile.safeParse({ trusted_proxies: [network] }).success;

describe("trusted_proxies", () => {
  test("takes addresses and networks of both families", () => {
    for (const network of [
      "127.0.0.1",
      "10.0.0.0/8",
      "::1",
      "fd00::/8",
      "::ffff:10.0.0.1",
      "0.0.0.0/0",
    ]) {
      expect([network, isTaken(network)]).toEqual([network, true]);
    }
  });

  test("refuses names, half addresses and impossible widths", () => {
    for (const network of [
      "localhost",
      "",
      "10.0.0",
      "10.0.0.256",
      "10.0.0.0/33",
      "::1/129",
      "10.0.0.0/8/8",
      "10.0.0.0/x",
      "10.0.0.0/",
      "1:2",
      "*",
    ]) {
      expect([network, isTaken(network)]).toEqual([network, false]);
    }
  });
});
