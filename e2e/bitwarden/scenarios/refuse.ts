// Scenarios that end before the vault is looked at: bad keys, bad names, a missing or untrusted bw, a closed vault.
import { expect } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { newApiKey, SCRIPT } from "../desk.ts";
import type { Scenario } from "./scenario.ts";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const everything = ["bash", "env", "bw", "jq", "timeout", "sha256sum", "readlink", "dirname"];

/** One wrong symbol, two neighbours swapped, and two groups of four swapped: none of them is a key. */
function damaged(key: string, place: number): readonly string[] {
  const at = (index: number) => key.charAt(index);
  const other = alphabet.charAt((alphabet.indexOf(at(place)) + 1 + (place % 30)) % 32);
  const wrong = key.slice(0, place) + other + key.slice(place + 1);
  const swapped = key.slice(0, place) + at(place + 1) + at(place) + key.slice(place + 2);
  const groups =
    key.slice(0, 12) + key.slice(20, 24) + key.slice(16, 20) + key.slice(12, 16) + key.slice(24);
  return [wrong, swapped, groups].filter((text) => text !== key && text.length === key.length);
}

/** Declares them. */
export function declareRefuseScenarios(scenario: Scenario): void {
  scenario("takes nothing for a key that is none, and does not call bw", async (desk) => {
    desk.install("bw", `#!/bin/sh\ntouch '${desk.home}/called'\n`);
    const key = desk.apiKey;
    const spellings = [
      key.toUpperCase(),
      `x${key}`,
      `${key}x`,
      ` ${key}`,
      key.slice(8),
      key.slice(0, -1),
    ];
    const additions = [`${key}\n${newApiKey()}\n`, `${key}\0`, `${key}\0x`, `${key} x`];
    const others = [
      "",
      "\n",
      desk.apiKeyHash,
      "fetchml_".repeat(100_000),
      key.replace("fetchml", "ghp"),
    ];
    const slips = [8, 13, 20, 30, 41].flatMap((place) => damaged(key, place));
    const texts = [...spellings, ...additions, ...others, ...slips];
    for (const input of texts) {
      const { code, stdout, stderr } = await desk.run(["alice"], { input });
      expect({ code, stdout, input }).toEqual({ code: 3, stdout: "", input });
      expect(stderr.trim().split("\n")).toHaveLength(1);
    }
    expect(existsSync(join(desk.home, "called"))).toBe(false);
  });

  scenario("takes no user name that is none, and runs nothing that is in it", async (desk) => {
    const names = [
      "al ice",
      "$(touch x)",
      "`touch x`",
      "alice;touch x",
      '"',
      "'",
      "Alice",
      "älice",
      "-x",
      "",
      "a".repeat(33),
    ];
    for (const name of names) {
      expect(await desk.put(name)).toMatchObject({ code: 2, stdout: "" });
    }
    expect(existsSync(join(desk.home, "x"))).toBe(false);
  });

  scenario("ends with 2 for wrong usage", async (desk) => {
    for (const args of [
      [],
      ["alice", "bob"],
      ["alice", "--colection", "FetchML"],
      ["alice", "--collection"],
      ["alice", "--collection", "--rotate"],
      ["alice", "--organization", "Club"],
      ["alice", "--fresh"],
      ["alice", "--revoked"],
    ]) {
      expect(await desk.put(...args)).toMatchObject({ code: 2, stdout: "" });
    }
    const env = { FETCHML_BW_TIMEOUT: "a[$(touch x)]" };
    expect((await desk.run(["alice"], { input: desk.apiKey, env })).code).toBe(2);
    expect(existsSync(join(desk.home, "x"))).toBe(false);
  });

  scenario("says what it lacks without a home folder", async (desk) => {
    const command = ["env", "-u", "HOME", "-u", "BITWARDENCLI_APPDATA_DIR", SCRIPT];
    const { code, stderr } = await desk.run(["alice"], { input: desk.apiKey, command });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^HOME is not set, .*\n$/)]);
  });

  scenario("--help prints every exit code that the script can end with", async (desk) => {
    const { code, stdout } = await desk.run(["--help"]);
    expect(code).toBe(0);
    expect(await desk.run(["-h"])).toEqual({ code, stdout, stderr: "" });
    for (const each of [
      ...Array(7).keys(),
      ...Array.from({ length: 15 }, (_, index) => index + 10),
    ]) {
      expect(stdout).toMatch(new RegExp(`(^|[ (])${each} `, "m"));
    }
  });

  scenario("ends with 10 when a tool is missing, and names it", async (desk) => {
    for (const missing of ["bw", "jq", "timeout"]) {
      const PATH = desk.pathOf(everything.filter((tool) => tool !== missing));
      const ended = await desk.run(["alice"], {
        input: desk.apiKey,
        env: { PATH },
        command: [Bun.which("bash") ?? "", SCRIPT],
      });
      expect(ended).toMatchObject({
        code: 10,
        stderr: expect.stringContaining(`${missing} is missing`),
      });
    }
  });

  scenario(
    "ends with 11 for the bw that had a back door, for one too old, and for what is no bw",
    async (desk) => {
      for (const version of ["2026.4.0", "2025.7.0", "1.22.1", "", "unknown"]) {
        desk.install(
          "bw",
          `#!/bin/sh\n[ "$1" = --version ] || touch '${desk.home}/called'\nprintf '%s' '${version}'\n`,
        );
        expect(await desk.put("alice")).toMatchObject({ code: 11, stdout: "" });
      }
      expect(existsSync(join(desk.home, "called"))).toBe(false);
    },
  );

  scenario(
    "ends with 12 when bw is not logged in, with 13 when locked, with 14 when BW_SESSION is stale",
    async (desk) => {
      const withSession = (BW_SESSION: string) =>
        desk.run(["alice"], { input: desk.apiKey, env: { BW_SESSION } });
      const stale = Buffer.alloc(64, 7).toString("base64");
      expect(await withSession("")).toMatchObject({
        code: 13,
        stderr: expect.stringContaining("bw unlock --raw"),
      });
      expect(await withSession(stale)).toMatchObject({
        code: 14,
        stderr: expect.stringContaining("bw unlock --raw"),
      });
      rmSync(join(desk.home, "bw/data.json"));
      expect(await desk.put("alice")).toMatchObject({
        code: 12,
        stderr: expect.stringContaining("bw login"),
      });
      expect(desk.vault.requests).toEqual([]);
    },
  );

  scenario("ends with 23 when another run stays busy", async (desk) => {
    const unlocked = JSON.stringify({ success: true, data: { template: { status: "unlocked" } } });
    desk.install("bw", `#!/bin/sh\n[ "$1" = --version ] && echo 2026.5.0 || echo '${unlocked}'\n`);
    Bun.spawnSync(["ln", "-sn", String(process.pid), join(desk.home, "bw/.fetchml-item-lock")]);
    const ended = await desk.run(["alice"], {
      input: desk.apiKey,
      env: { FETCHML_BW_TIMEOUT: "1" },
    });
    expect(ended).toMatchObject({ code: 23, stderr: expect.stringContaining(String(process.pid)) });
  });
}
