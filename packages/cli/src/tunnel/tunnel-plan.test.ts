// Tests of which tunnel is wanted.
import { describe, expect, test } from "bun:test";
import { FetchmlError } from "@fetchml/protocol";
import { planTunnel, type TunnelConfig, type TunnelWish } from "./tunnel-plan.ts";

const config: TunnelConfig = {
  apiUrl: "ws://localhost:9100/ws",
  workerHost: "localhost",
  ca: null,
  configPath: "/home/alice/.ml/config.toml",
};
const wish: TunnelWish = { box: "alice@box", localPort: null, remotePort: null, sshOptions: [] };

const plan = (wanted: Partial<TunnelWish>, has: Partial<TunnelConfig> = {}) =>
  planTunnel({ ...wish, ...wanted }, { ...config, ...has }, "/home/alice");

function failureOf(wanted: Partial<TunnelWish>, has: Partial<TunnelConfig> = {}): FetchmlError {
  try {
    plan(wanted, has);
  } catch (error) {
    if (error instanceof FetchmlError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

describe("planTunnel()", () => {
  test("takes this machine's port from api_url, and 9100 of the box", () => {
    expect(plan({}, { apiUrl: "ws://127.0.0.1:9200/ws" })).toEqual({
      box: "alice@box",
      localPort: 9200,
      remotePort: 9100,
      apiUrl: "ws://127.0.0.1:9200/ws",
      isConfigured: true,
      ca: null,
      sshOptions: [],
    });
  });

  test("takes the ports that are given, and knows that ml would not go that way by itself", () => {
    expect(plan({ localPort: 9300, remotePort: 9400 })).toMatchObject({
      localPort: 9300,
      remotePort: 9400,
      apiUrl: "ws://localhost:9300/ws",
      isConfigured: false,
    });
  });

  test("goes to worker_host where nothing else is said", () => {
    expect(plan({ box: null }, { workerHost: "alice@gpubox" }).box).toBe("alice@gpubox");
    for (const workerHost of [null, "localhost", "alice@127.0.0.1"]) {
      const { code, message } = failureOf({ box: null }, { workerHost });
      expect(code).toBe("usage");
      expect(message).toContain("worker_host in ~/.ml/config.toml names no other machine");
    }
  });

  test("refuses words that ssh would take for options", () => {
    const hosts = ["you@", "you@-oProxyCommand=x", "ssh://", "ssh://-oProxyCommand=x"];
    for (const box of ["-oProxyCommand=x", "", "a b", "a\nb", ...hosts]) {
      expect(failureOf({ box }).message).toContain("is no USER@HOST");
    }
  });

  test("opens no tunnel that no command would use, unless a port is named", () => {
    const away = { apiUrl: "wss://box.example.org/ws" };
    expect(failureOf({}, away).message).toContain("which is not this machine");
    expect(plan({ localPort: 9100 }, away)).toMatchObject({
      apiUrl: "ws://localhost:9100/ws",
      isConfigured: false,
    });
  });
});
