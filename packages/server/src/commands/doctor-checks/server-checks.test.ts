// Tests of the doctor's checks of the server: what it says of itself, its unit, its keys, its walls.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PRODUCT_VERSION, type ApiKey } from "@fetchml/protocol";
import { openStore } from "../../store/open-store.ts";
import { lockDataFolder } from "../../store/data-folder-lock.ts";
import { ok, warning } from "../box-checks/box-check.ts";
import { judgeKeys } from "./keys-check.ts";
import { checkServer, judge, type Told } from "./server-check.ts";
import { checkUnit } from "./unit-check.ts";
import { judgeDelegation, judgeWalls } from "./walls-check.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-doctor-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe("checkServer()", () => {
  const told = (version: string, drained = false): Told => ({
    server: { version, started_at: 0, now: 3_600_000 },
    box: { drained },
    counts: { running: 1, queued: 2 },
  });

  test("is content with a server of this release, and warns of another and of a drained one", () => {
    expect(judge(told(PRODUCT_VERSION), folder)).toMatchObject({
      status: "ok",
      message: `FetchML ${PRODUCT_VERSION}, up for 1h; 1 running, 2 queued`,
    });
    expect(judge(told("0.0.1"), folder)).toMatchObject({
      status: "warning",
      message: expect.stringContaining("FetchML 0.0.1 runs"),
    });
    expect(judge(told(PRODUCT_VERSION, true), folder)).toMatchObject({
      status: "warning",
      fix: "fetchml resume",
    });
  });

  test("fails where none runs, and where one owns the folder and is mute", () => {
    openStore(folder, 1).close();
    const none = checkServer({ dataDir: folder }, { kind: "absent" });
    expect(none).toMatchObject({ status: "failed", message: `no server runs on ${folder}` });
    const lock = lockDataFolder(folder);
    const mute = checkServer({ dataDir: folder }, { kind: "absent" });
    lock.close();
    expect(mute).toMatchObject({ status: "failed", message: expect.stringContaining("a process") });
  });
});

describe("checkUnit()", () => {
  const asking = (system: string, user = "LoadState=not-found") => {
    const program = join(folder, "systemctl");
    const script = `#!/bin/sh\nif [ "$1" = --user ]; then printf '${user}'; else printf '${system}'; fi\n`;
    writeFileSync(program, script, { mode: 0o755 });
    return checkUnit({ isOfUnit: true, hasSystemd: true, program });
  };
  const state = (active: string, enabled: string, reload = "no") =>
    String.raw`LoadState=loaded\nActiveState=${active}\nUnitFileState=${enabled}\nNeedDaemonReload=${reload}\n`;

  test("is content with one that runs and starts with the box, of the box or of the account", () => {
    expect(asking(state("active", "enabled")).status).toBe("ok");
    expect(asking("LoadState=not-found", state("active", "enabled")).status).toBe("ok");
  });

  test("warns of one that is not installed, not enabled, or not read again", () => {
    expect(asking("LoadState=not-found")).toMatchObject({ status: "warning" });
    expect(asking(state("active", "disabled"))).toMatchObject({
      status: "warning",
      fix: "sudo systemctl enable fetchml",
    });
    expect(asking(state("active", "enabled", "yes"))).toMatchObject({
      status: "warning",
      fix: "sudo systemctl daemon-reload",
    });
  });

  test("fails for one that does not run", () => {
    expect(asking(state("inactive", "enabled"))).toMatchObject({
      status: "failed",
      fix: "sudo systemctl enable --now fetchml",
    });
    // One that ends at each start is started again for ever.
    expect(asking(state("activating", "enabled"))).toMatchObject({
      status: "failed",
      fix: "sudo journalctl -u fetchml -n 20",
    });
    expect(asking("", state("activating", "enabled"))).toMatchObject({
      fix: "journalctl --user -u fetchml -n 20",
    });
    expect(asking("", state("failed", "enabled"))).toMatchObject({
      status: "failed",
      fix: "systemctl --user restart fetchml",
    });
  });

  test("is content without a systemd, and with another config than the unit's", () => {
    expect(checkUnit({ isOfUnit: true, hasSystemd: false }).status).toBe("ok");
    const program = "true";
    expect(checkUnit({ isOfUnit: false, hasSystemd: true, program }).status).toBe("ok");
  });
});

describe("judgeKeys()", () => {
  const DAY_MS = 86_400_000;
  const key = (id: string, daysLeft: number | null): ApiKey => ({
    id,
    user: "alice",
    label: null,
    created_at: 0,
    expires_at: daysLeft === null ? null : daysLeft * DAY_MS,
    valid_until: daysLeft === null ? null : daysLeft * DAY_MS,
    pending: false,
    superseded_by: null,
    revoked_at: null,
    last_used_at: null,
    last_used_address: null,
    last_used_client: null,
  });

  test("counts the keys that end soon, and names the first to rotate", () => {
    const keys = [key("aaaa", 100), key("bbbb", 3), key("cccc", null), key("dddd", -1)];
    expect(judgeKeys(keys, 0)).toMatchObject({
      status: "warning",
      message: "1 key ends soon: bbbb (alice)",
      fix: "fetchml key rotate bbbb",
      facts: { valid: 3, ending_soon: 1 },
    });
    expect(judgeKeys([key("aaaa", 100)], 0).status).toBe("ok");
  });

  test("warns where nobody can log in", () => {
    expect(judgeKeys([key("dddd", -1)], 0)).toMatchObject({ status: "warning" });
  });
});

describe("the walls of the running server", () => {
  const tried = ok("sandbox", "bubblewrap works", { kind: "bubblewrap" });
  const possible = ok("cgroups", "cgroup v2; systemd delegates one to the service");
  const impossible = warning("cgroups", { message: "there is no cgroup v2", fix: "reboot" });

  test("the sandbox of the server counts, where it has less than the box could give", () => {
    expect(judgeWalls(tried, null)).toBe(tried);
    expect(judgeWalls(tried, { sandbox: "bubblewrap" }).status).toBe("ok");
    expect(judgeWalls(tried, { sandbox: "none" })).toMatchObject({
      status: "warning",
      fix: "fetchml serve --sandbox auto",
    });
  });

  test("cgroups are well when the server has them, and failed when it could and has not", () => {
    expect(judgeDelegation(possible, null)).toBe(possible);
    expect(judgeDelegation(possible, { cgroups: true }).status).toBe("ok");
    expect(judgeDelegation(possible, { cgroups: false }).status).toBe("failed");
    expect(judgeDelegation(impossible, { cgroups: false }).status).toBe("warning");
  });
});
