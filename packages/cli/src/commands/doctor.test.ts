// Tests of `ml doctor` as a whole: what it prints, what it exits with, and that it shows no key.
import { describe, expect, test } from "bun:test";
import { chmodSync, readFileSync } from "node:fs";
import { CHECK_NAMES } from "../doctor/check.ts";
import { doctorBench } from "../doctor/doctor.fixture.ts";
import { UNKNOWN_KEY, VALID_KEY } from "../testing/samples.fixture.ts";

const at = doctorBench();

describe("ml doctor", () => {
  test("makes every check, and exits 0 when all are ok", async () => {
    at.serve();
    const { code, stdout, stderr } = await at.here.bench.ml(["doctor"]);
    expect([code, stderr]).toEqual([0, ""]);
    const lines = stdout.split("\n");
    expect(lines.slice(0, CHECK_NAMES.length).map((line) => line.split(/ +/, 2))).toEqual(
      CHECK_NAMES.map((name) => ["ok", name]),
    );
    expect(stdout).toEndWith("\n\n11 ok, 0 warnings, 0 failed\n");
  });

  test("shows below each check that is not ok the one command that mends it, and what it could not check", async () => {
    const { code, stdout } = await at.here.bench.ml(["doctor"], {
      env: { ML_API_URL: "ws://127.0.0.1:1/ws" },
    });
    expect(code).toBe(1);
    expect(stdout).toContain("failed   config      there is no ~/.ml/config.toml\n");
    expect(stdout).toContain(`\n${" ".repeat(21)}ml tunnel you@box\n`);
    expect(stdout).toEndWith(
      "\nNot checked: tls, server, login, expiry, version, clock, round-trip\n1 ok, 0 warnings, 3 failed\n",
    );
  });

  test("exits 0 when there are warnings only", async () => {
    at.serve();
    chmodSync(at.configFile(), 0o644);
    const told = await at.doctor();
    expect(told.check("config").status).toBe("warning");
    expect([told.code, told.ok]).toEqual([0, true]);
  });

  test("prints one JSON value for programs", async () => {
    at.serve();
    const told = await at.doctor();
    expect(JSON.parse(told.text)).toMatchObject({ ok: true, not_checked: [] });
    expect(told.check("config").facts).toEqual({ path: at.configFile(), mode: "0600" });
    expect(told.check("key").facts).toEqual({ id: "kpaz", source: "config" });
    expect(told.check("login").facts).toEqual({ user: "alice", role: "member", key_id: "kpaz" });
    expect(told.check("round-trip").facts["round_trip_ms"]).toBeNumber();
    expect(told.check("clock").facts["skew_ms"]).toBeNumber();
  });

  test("never shows a key, however wrong it is", async () => {
    at.serve();
    const url = `api_url = "${at.here.server.apiUrl}"\n`;
    const texts = [
      `api_key = "${VALID_KEY}"\n${url}`,
      `api_key = "${UNKNOWN_KEY}"\n${url}`,
      `api_key = "${VALID_KEY.replace("xttm", "xttn")}"\n${url}`,
      `api_key = "${VALID_KEY}\n${url}`,
      `${VALID_KEY} = 1\n${url}`,
    ];
    for (const text of texts) {
      at.writeConfig(text);
      for (const args of [["doctor"], ["doctor", "--json"], ["doctor", "--debug"]]) {
        const { stdout, stderr } = await at.here.bench.ml(args);
        expect(stdout + stderr).not.toMatch(/mnfwpqvn7|jmfk56kf7/);
      }
    }
  });

  test("leaves a rotation that was cut off as it is, and uses the old key meanwhile", async () => {
    at.serve();
    const text = `api_key = "${UNKNOWN_KEY}"\napi_key_before = "${VALID_KEY}"\napi_url = "${at.here.server.apiUrl}"\n`;
    at.writeConfig(text);
    const told = await at.doctor();
    expect(told.check("key")).toMatchObject({ status: "warning", fix: "ml status" });
    expect(told.check("login").status).toBe("ok");
    expect(readFileSync(at.configFile(), "utf8")).toBe(text);
  });
});
