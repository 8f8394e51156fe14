// The admin shows folders of the box to jobs, never FetchML's own data or what every job has for itself.
import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { checkMounts, requireMounts } from "./admin-mounts.ts";

const mount = (path: string) => [{ path, mode: "ro" }] as const;

describe("checkMounts()", () => {
  test.each(["/data", "/srv/sets", "/home/shared", "/var/lib/sets", "/not/there/yet"])(
    "takes %s",
    (path) => {
      expect(() => checkMounts(mount(path), "/opt/fetchml/data")).not.toThrow();
    },
  );

  test.each([
    "data",
    "/data/",
    "/data/../etc",
    "",
    "/",
    "/proc",
    "/proc/1",
    "/dev",
    "/sys",
    "/job/work",
    "/tmp/x",
    "/home",
    "/etc",
    "/usr",
  ])("refuses %j", (path) => {
    expect(() => checkMounts(mount(path), "/opt/fetchml/data")).toThrow("mounts");
  });

  test("refuses what shows the data folder, in whole or in part, by a link too", () => {
    const folder = mkdtempSync(join(tmpdir(), "fetchml-mounts-"));
    mkdirSync(join(folder, "var/data/homes"), { recursive: true });
    const data = join(folder, "var/data");
    const links = mkdtempSync(join(homedir(), "fetchml-mounts-"));
    symlinkSync(join(folder, "var"), join(links, "link"));
    for (const path of [
      join(links, "link"),
      join(links, "link/data"),
      join(links, "link/data/homes"),
    ]) {
      expect(() => checkMounts(mount(path), data)).toThrow("the data of FetchML lies there");
    }
    rmSync(folder, { recursive: true });
    rmSync(links, { recursive: true });
  });
});

describe("requireMounts()", () => {
  test("takes what is listed or lies in it, and refuses the rest by name", () => {
    expect(() => requireMounts(["/usr", "/usr/bin"], mount("/usr"))).not.toThrow();
    for (const path of ["/usr/../etc", "/etc", "/us", "/usr2"]) {
      expect(() => requireMounts([path], mount("/usr"))).toThrow(path);
    }
    expect(() => requireMounts(["/usr/no-such"], mount("/usr"))).toThrow("not there");
  });
});
