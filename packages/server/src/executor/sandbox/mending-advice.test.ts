// What keeps bubblewrap from working is named with the command that mends just that, first of all the AppArmor profile on Ubuntu.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { needsSystem } from "../../../../../e2e/system-tool.ts";
import { mendingAdvice } from "./mending-advice.ts";

const COMPLAINT = "bwrap: setting up uid map: Permission denied";
const PROFILE = join(import.meta.dir, "../../../../../deploy/apparmor/fetchml");

/** Stands for `/`. */
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fetchml-advice-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const forbid = () => write("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
const advice = (program = "/usr/bin/fetchml") => mendingAdvice(COMPLAINT, { root, program });

describe("mendingAdvice() where AppArmor restricts user namespaces", () => {
  test("names the profile that was installed beside the executable", () => {
    forbid();
    write("usr/share/fetchml/apparmor/fetchml", readFileSync(PROFILE, "utf8"));
    expect(advice()).toBe(
      "Type: sudo cp /usr/share/fetchml/apparmor/fetchml /etc/apparmor.d/fetchml && sudo apparmor_parser --replace /etc/apparmor.d/fetchml",
    );
  });

  test("goes before the kernel's other switches, and before what takes the wall away for everybody", () => {
    forbid();
    write("proc/sys/user/max_user_namespaces", "0\n");
    write("proc/self/attr/current", "unconfined\n");
    expect(advice()).toContain("apparmor_parser");
    expect(advice()).not.toContain("sysctl");
  });

  test("writes a profile for an executable that has none, as one in another folder", () => {
    forbid();
    write("usr/share/fetchml/apparmor/fetchml", readFileSync(PROFILE, "utf8"));
    expect(advice("/opt/fetchml")).toContain('profile fetchml "/opt/fetchml" flags=(unconfined)');
    // A profile beside it that is for another path would change nothing.
    write("opt/share/fetchml/apparmor/fetchml", readFileSync(PROFILE, "utf8"));
    expect(advice("/opt/bin/fetchml")).toContain('"/opt/bin/fetchml"');
  });

  needsSystem("apparmor_parser")("writes a profile in which the parser finds no fault", () => {
    forbid();
    const written = advice("/opt/bin/fetchml").replace(/^Type: (printf .*?) \| sudo .*/, "$1");
    const profile = Bun.spawnSync(["sh", "-c", written]).stdout.toString();
    expect(profile).toStartWith("abi <abi/4.0>,\nprofile ");
    const [, version] = /version (\d+)/.exec(parser(["--version"]).stdout.toString()) ?? [];
    // Before version 4 there is no rule about user namespaces: then all but that is looked at.
    const isOld = Number(version) < 4;
    const known = isOld ? profile.replace(" userns, ", " ").replace("4.0", "3.0") : profile;
    const { exitCode, stderr } = parser(["-Q", "-K"], known);
    expect([exitCode, stderr.toString()]).toEqual([0, expect.not.stringContaining("error")]);
    expect(parser(["-Q", "-K"], known.replace("flags", "flegs")).exitCode).not.toBe(0);
  });

  test("leaves AppArmor alone where the profile is at work", () => {
    forbid();
    write("proc/self/attr/apparmor/current", "fetchml (unconfined)\n");
    write("proc/sys/user/max_user_namespaces", "0\n");
    expect(advice()).toContain("user.max_user_namespaces=15000");
  });
});

describe("mendingAdvice()", () => {
  test("names the package that is missing, the container, the switch, or none of them", () => {
    expect(mendingAdvice("missing", { root })).toBe("Type: sudo apt-get install bubblewrap");
    expect(advice()).toContain("--sandbox none");
    write("proc/sys/kernel/unprivileged_userns_clone", "0\n");
    expect(advice()).toContain("kernel.unprivileged_userns_clone=1");
    forbid();
    write(".dockerenv", "");
    expect(advice()).toStartWith("In a container: ");
  });
});

function parser(options: readonly string[], input = "") {
  const program = Bun.which("apparmor_parser") ?? "apparmor_parser";
  return Bun.spawnSync([program, ...options], { stdin: new TextEncoder().encode(input) });
}
