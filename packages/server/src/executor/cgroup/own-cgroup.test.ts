// Where a process's cgroup is found, with what kernels of several boxes say.
import { describe, expect, test } from "bun:test";
import { findOwnCgroup, unitOf } from "./own-cgroup.ts";

const mount = (root: string, point: string, type = "cgroup2") =>
  `35 24 0:30 ${root} ${point} rw,nosuid shared:9 - ${type} cgroup rw,nsdelegate\n`;
const ROOT_MOUNT = `22 27 0:21 / /proc rw - proc proc rw\n${mount("/", "/sys/fs/cgroup")}`;

describe("findOwnCgroup()", () => {
  test.each([
    [
      "a unit of systemd",
      "0::/system.slice/fetchml.service\n",
      ROOT_MOUNT,
      "/sys/fs/cgroup/system.slice/fetchml.service",
    ],
    ["a container", "0::/\n", ROOT_MOUNT, "/sys/fs/cgroup"],
    [
      "both versions side by side",
      "5:pids:/user.slice\n1:name=systemd:/user.slice\n0::/user.slice/a.scope\n",
      mount("/", "/sys/fs/cgroup/pids", "cgroup") + mount("/", "/sys/fs/cgroup/unified"),
      "/sys/fs/cgroup/unified/user.slice/a.scope",
    ],
    [
      "a mount of a part",
      "0::/docker/abc/x\n",
      mount("/docker/abc", "/sys/fs/cgroup"),
      "/sys/fs/cgroup/x",
    ],
    [
      "a mount with a space in its path",
      "0::/a\n",
      mount("/", "/mnt/my\\040cgroups"),
      "/mnt/my cgroups/a",
    ],
  ])("finds it in %s", (_what, cgroup, mounts, folder) => {
    expect(findOwnCgroup(cgroup, mounts)).toBe(folder);
  });

  test.each([
    ["version 1 alone", "5:pids:/\n4:memory:/\n", mount("/", "/sys/fs/cgroup/pids", "cgroup")],
    ["no mount of version 2", "0::/a\n", "22 27 0:21 / /proc rw - proc proc rw\n"],
    ["a mount of another part", "0::/docker/abcd\n", mount("/docker/abc", "/sys/fs/cgroup")],
    ["a cgroup above what is shown", "0::/../other\n", ROOT_MOUNT],
    ["nothing", "", ""],
  ])("finds none in %s", (_what, cgroup, mounts) => {
    expect(findOwnCgroup(cgroup, mounts)).toBeNull();
  });
});

test("unitOf() names the innermost unit, and tells whose systemd has it", () => {
  const user = "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service";
  expect(unitOf("/sys/fs/cgroup/system.slice/fetchml.service")).toEqual({
    name: "fetchml.service",
    isUsers: false,
  });
  expect(unitOf(`${user}/app.slice/fetchml.service`)).toEqual({
    name: "fetchml.service",
    isUsers: true,
  });
  expect(unitOf("/sys/fs/cgroup/user.slice/user-0.slice/session-3.scope")?.name).toBe(
    "session-3.scope",
  );
  expect(unitOf("/sys/fs/cgroup/system.slice/_memory.service")?.name).toBe("memory.service");
  expect(unitOf(user)).toBeNull();
  expect(unitOf("/sys/fs/cgroup")).toBeNull();
});
