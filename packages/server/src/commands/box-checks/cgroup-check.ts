// Checks that the server can get cgroups of version 2, with which a job's memory is limited.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ok, warning, type BoxCheck } from "./box-check.ts";

const NAME = "cgroups";

/** What a job is limited by. */
const WANTED = ["cpu", "memory", "pids"];

/** Where this looks; other places are for tests. */
export interface CgroupPlaces {
  /** Default `/proc/self/mountinfo`. */
  readonly mountinfo?: string;
  /** Whether systemd runs this box; it delegates a cgroup to the service. Default: it does when it left its mark in `/run`. */
  readonly hasSystemd?: boolean;
}

/** Looks for the controllers; without them jobs run, and `--mem` is only counted. */
export function checkCgroups({
  mountinfo = "/proc/self/mountinfo",
  hasSystemd = existsSync("/run/systemd/system"),
}: CgroupPlaces = {}): BoxCheck {
  const root = unifiedRoot(mountinfo);
  if (root === null) {
    const message = "there is no cgroup v2: memory is counted, and no job is held to it";
    return warning(NAME, { message, fix: KERNEL_LINE, facts: { controllers: "" } });
  }
  const controllers = words(join(root, "cgroup.controllers"));
  const facts = { controllers: controllers.join(" "), root };
  const missing = WANTED.filter((name) => !controllers.includes(name));
  if (missing.length > 0) {
    const message = `cgroup v2 at ${root} lacks ${missing.join(", ")}: memory is counted, and no job is held to it`;
    return warning(NAME, { message, fix: KERNEL_LINE, facts });
  }
  if (!hasSystemd) {
    const message = "nobody here delegates a cgroup to the server: memory is counted only";
    return warning(NAME, {
      message,
      fix: "systemd-run --user -p Delegate=yes fetchml serve",
      facts,
    });
  }
  return ok(NAME, "cgroup v2; systemd delegates one to the service", facts);
}

const KERNEL_LINE =
  "sudo sed -i 's/^GRUB_CMDLINE_LINUX=\"/&systemd.unified_cgroup_hierarchy=1 /' /etc/default/grub && sudo update-grub && sudo reboot";

/** Where version 2 is mounted: field 5 of the line whose type, after the dash, is `cgroup2`; see proc(5). */
function unifiedRoot(mountinfo: string): string | null {
  for (const line of lines(mountinfo)) {
    const [before = "", after = ""] = line.split(" - ");
    if (after.startsWith("cgroup2 ")) return before.split(" ")[4] ?? null;
  }
  return null;
}

function words(path: string): readonly string[] {
  return lines(path).flatMap((line) => line.split(" ").filter(Boolean));
}

function lines(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch {
    return [];
  }
}
