// Tests of what `ml doctor` finds on the way to the server and at its end.
import { describe, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import { FetchmlError, PRODUCT_VERSION, type ErrorCode } from "@fetchml/protocol";
import { ALICE, sampleStatus, UNKNOWN_KEY, VALID_KEY } from "../testing/samples.fixture.ts";
import { doctorBench } from "./doctor.fixture.ts";

const at = doctorBench();

const DAY_MS = 86_400_000;

/** A config for this address, with a key of the right form. */
function configFor(apiUrl: string, key = VALID_KEY): void {
  at.writeConfig(`api_key = "${key}"\napi_url = "${apiUrl}"\n`);
}

/** Serves, but refuses every key with this. */
function refuse(code: ErrorCode, message: string): void {
  const problemOf = () => new FetchmlError(code, message);
  configFor(at.here.serve({ answers: {}, problemOf }).apiUrl);
}

describe("the check of the key's life", () => {
  const cases: readonly (readonly [string, number | null, string])[] = [
    ["a key that never expires", null, "ok"],
    ["one that lasts", 15 * DAY_MS, "ok"],
    ["one that ends within 14 days", 13 * DAY_MS, "warning"],
  ];
  for (const [what, leftMs, status] of cases) {
    test(`is ${status} for ${what}`, async () => {
      const endsAt = leftMs === null ? null : Date.now() + leftMs;
      at.serve({ me: { ...ALICE, key_expires_at: endsAt } });
      const told = await at.doctor();
      expect(told.check("expiry")).toMatchObject({ status, facts: { expires_at: endsAt } });
      if (status === "warning") expect(told.check("expiry").fix).toBe("ml key rotate");
      expect(told.code).toBe(0);
    });
  }

  test("fails for a key that has expired", async () => {
    refuse("key-expired", "The API key kpaz expired on 2026-01-01. Ask your admin.");
    const told = await at.doctor();
    expect(told.check("server").status).toBe("ok");
    expect(told.check("expiry")).toMatchObject({
      status: "failed",
      message: "The API key kpaz expired on 2026-01-01",
      fix: "ml login",
    });
    expect([told.code, told.not_checked]).toEqual([1, ["login", "version", "clock", "round-trip"]]);
  });
});

describe("the check of the login", () => {
  test("fails for a key that the server does not know", async () => {
    at.serve();
    configFor(at.here.server.apiUrl, UNKNOWN_KEY);
    const told = await at.doctor();
    expect(told.check("login")).toMatchObject({ status: "failed", fix: "ml login" });
    expect([told.code, told.check("server").status]).toEqual([1, "ok"]);
  });

  test("fails for one that was revoked", async () => {
    refuse("key-revoked", "The API key kpaz was revoked. Ask your admin.");
    expect((await at.doctor()).check("login").fix).toBe("ml login");
  });

  test("fails where too many failures are in the way, and says to wait", async () => {
    refuse("too-many-failures", "Too many wrong API keys came from 127.0.0.1.");
    expect((await at.doctor()).check("login").fix).toBe("sleep 60 && ml doctor");
  });
});

describe("the check of the versions", () => {
  test("warns of another version of the product", async () => {
    at.serve({}, { version: "9.9.9" });
    const warned = await at.doctor();
    expect(warned.check("version")).toMatchObject({
      status: "warning",
      facts: { client_version: PRODUCT_VERSION, server_version: "9.9.9" },
    });
    expect(warned.code).toBe(0);
  });

  test("fails on another protocol", async () => {
    configFor(at.here.serve({ answers: {}, protocolVersion: 2 }).apiUrl);
    const told = await at.doctor();
    expect(told.check("version").status).toBe("failed");
    expect(told.check("version").message).toContain("protocol 2");
    expect(told.code).toBe(1);
  });
});

describe("the check of the clock", () => {
  for (const [what, offMs] of [
    ["behind", 3_600_000],
    ["ahead of", -3_600_000],
  ] as const) {
    test(`warns of a clock that is ${what} the server's`, async () => {
      at.serve({}, { now: Date.now() + offMs });
      const { status, message, fix, facts } = (await at.doctor()).check("clock");
      expect([status, fix]).toEqual(["warning", "sudo timedatectl set-ntp true"]);
      expect(message).toContain(`${what} the server's`);
      expect(Math.abs(Number(facts["skew_ms"]) - offMs)).toBeLessThan(60_000);
    });
  }
});

describe("the check of the way", () => {
  test("fails for a port that nobody listens on, and names the tunnel", async () => {
    configFor("ws://127.0.0.1:1/ws");
    const told = await at.doctor();
    expect(told.check("tunnel")).toMatchObject({
      status: "failed",
      fix: "ml tunnel you@box",
      facts: { host: "127.0.0.1", port: 1 },
    });
    expect(told.check("tunnel").message).toContain("ECONNREFUSED");
  });

  test("fails for a name that does not exist", async () => {
    configFor("wss://no-such-box.invalid/ws");
    expect((await at.doctor()).check("tunnel")).toMatchObject({
      status: "failed",
      fix: "${EDITOR:-vi} ~/.ml/config.toml",
    });
  });

  test("fails where the key would be readable on the way, and warns where that is allowed", async () => {
    at.serve();
    const port = new URL(at.here.server.apiUrl).port;
    configFor(`ws://0.0.0.0:${port}/ws`);
    const told = await at.doctor();
    expect(told.check("tls")).toMatchObject({ status: "failed", fix: "ml login wss://0.0.0.0/ws" });
    expect([told.code, at.here.server.calls]).toEqual([1, []]);
    const allowed = await at.doctor({ env: { ML_ALLOW_PLAINTEXT_KEY: "1" } });
    expect([allowed.code, allowed.check("tls").status]).toEqual([0, "warning"]);
    expect(allowed.check("login").status).toBe("ok");
  });

  test("fails on a port where something else answers, or nobody behind the tunnel", async () => {
    const stranger = await listen((socket) =>
      socket.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
    );
    const tunnel = await listen((socket) => socket.destroy());
    try {
      configFor(`ws://127.0.0.1:${portOf(stranger)}/ws`);
      const told = await at.doctor();
      expect(told.check("server")).toMatchObject({
        status: "failed",
        fix: `ss -ltnp 'sport = :${portOf(stranger)}'`,
      });
      configFor(`ws://127.0.0.1:${portOf(tunnel)}/ws`);
      const dead = await at.doctor();
      expect(dead.check("tunnel").status).toBe("ok");
      expect(dead.check("server")).toMatchObject({
        status: "failed",
        fix: "ssh -t you@box fetchml doctor",
      });
    } finally {
      stranger.close();
      tunnel.close();
    }
  });

  test("shows no control characters of the server's", async () => {
    at.serve({}, { version: "1\u001B[31m" });
    const { stdout } = await at.here.bench.ml(["doctor"]);
    expect(stdout).not.toContain("\u001B");
    expect(sampleStatus().server.version).toBe(PRODUCT_VERSION);
  });
});

function listen(onConnection: (socket: Socket) => void): Promise<Server> {
  // Whoever connects may have gone before it is answered.
  const server = createServer({}, (socket) => {
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
