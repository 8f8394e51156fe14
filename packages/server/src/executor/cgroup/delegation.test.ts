// When the server may divide its own cgroup, on trees of files that look like those of several boxes.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { claimCgroups, findDelegated, type Surroundings } from "./delegation.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fetchml-cgroups-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A box without systemd whose server is in a cgroup. */
function box(path: string, fields: Partial<Surroundings> = {}): Surroundings {
  return {
    cgroupText: `0::${path}\n`,
    mountText: `35 24 0:30 / ${root} rw - cgroup2 cgroup rw\n`,
    hasSystemd: false,
    uid: process.getuid?.() ?? 0,
    ask: () => ({ isDelegate: false, takesBack: false }),
    ...fields,
  };
}

/** Makes the files of a cgroup. */
function cgroup(path: string, controllers = "cpu memory pids"): string {
  const folder = join(root, path);
  mkdirSync(folder, { recursive: true });
  const files = {
    "cgroup.controllers": `${controllers}\n`,
    "cgroup.subtree_control": "",
    "cgroup.procs": "",
    "cgroup.type": "domain\n",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const UNIT = "/system.slice/fetchml.service";

/** An account that is not root; tests of another one can give files only to themselves. */
const OTHER = process.getuid?.() === 0 ? 4242 : (process.getuid?.() ?? 4242);

describe("findDelegated()", () => {
  test("takes a cgroup that can be written, where no systemd has it", () => {
    const folder = cgroup("box");
    expect(findDelegated(box("/box"))).toEqual({ folder });
  });

  test("takes the cgroup above the part that a server before it, or systemd, has made", () => {
    const folder = cgroup("box");
    cgroup("box/server", "");
    expect(findDelegated(box("/box/server"))).toEqual({ folder });
  });

  test.each([
    ["memory", "cpu pids", "no memory controller"],
    ["processes", "cpu memory", "no pids controller"],
    ["anything", "", "no memory, no pids controller"],
  ])("leaves one that cannot limit %s", (_what, controllers, why) => {
    cgroup("box", controllers);
    expect(findDelegated(box("/box"))).toEqual({ why: expect.stringContaining(why) });
  });

  test("leaves one that is not mounted, or not there", () => {
    expect(findDelegated(box("/gone"))).toEqual({ why: expect.stringContaining("no memory") });
    expect(findDelegated(box("/x", { mountText: "" }))).toEqual({
      why: expect.stringContaining("not mounted"),
    });
  });

  test.skipIf(process.getuid?.() === 0)("leaves one that is not its own", () => {
    chmodSync(join(cgroup("box"), "cgroup.subtree_control"), 0o400);
    expect(findDelegated(box("/box"))).toEqual({ why: expect.stringContaining("may not divide") });
  });

  test("as root asks systemd whether its unit is delegated, since root may write everywhere", () => {
    const folder = cgroup(UNIT);
    const asked: string[] = [];
    const answering = (isDelegate: boolean) =>
      box(`${UNIT}/server`, {
        hasSystemd: true,
        uid: 0,
        ask: ({ name }) => {
          asked.push(name);
          return { isDelegate, takesBack: false };
        },
      });
    expect(findDelegated(answering(true))).toEqual({ folder });
    expect(findDelegated(answering(false))).toEqual({
      why: "the unit fetchml.service has no Delegate=yes",
    });
    expect(asked).toEqual(["fetchml.service", "fetchml.service"]);
  });

  test("leaves a unit that could not be started again beside its jobs", () => {
    const scope = "/user.slice/user-0.slice/run-1.scope";
    const folder = cgroup(UNIT);
    const found = (path: string, takesBack: boolean) =>
      findDelegated(
        box(path, { hasSystemd: true, uid: 0, ask: () => ({ isDelegate: true, takesBack }) }),
      );
    expect(found(UNIT, false)).toEqual({ why: expect.stringContaining("DelegateSubgroup=server") });
    expect(found(UNIT, true)).toEqual({ folder });
    expect(found(scope, false)).toEqual({ why: expect.stringContaining("no memory") });
    const once = cgroup(scope);
    expect(found(scope, false)).toEqual({ folder: once });
  });

  test("under another account takes a unit of the system that was given to it", () => {
    const folder = cgroup(UNIT);
    chownSync(folder, OTHER, OTHER);
    const found = (uid: number) => findDelegated(box(`${UNIT}/server`, { hasSystemd: true, uid }));
    expect(found(OTHER)).toEqual({ folder });
    expect(found(OTHER + 1)).toEqual({ why: expect.stringContaining("Delegate=yes") });
  });

  test("asks about every unit of a user's own, since all of them are his", () => {
    const path = `/user.slice/user-${OTHER}.slice/user@${OTHER}.service/app.slice/fetchml.service`;
    chownSync(cgroup(path), OTHER, OTHER);
    expect(findDelegated(box(path, { hasSystemd: true, uid: OTHER }))).toEqual({
      why: expect.stringContaining("Delegate=yes"),
    });
  });

  test("leaves what belongs to systemd itself", () => {
    cgroup("/system.slice");
    const why = expect.stringContaining("belongs to systemd");
    expect(findDelegated(box("/system.slice", { hasSystemd: true }))).toEqual({ why });
  });
});

test("claimCgroups() takes no kernel without cgroup.kill, and tells why", () => {
  const folder = cgroup("box");
  expect(claimCgroups(null, box("/box"))).toEqual({
    kind: "absent",
    why: expect.stringContaining("Linux 5.14"),
  });
  expect(readdirSync(folder)).toContain("server");
  expect(readFileSync(join(folder, "cgroup.subtree_control"), "utf8")).toStartWith("+");
});
