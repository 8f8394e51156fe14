// Checks sandbox and cgroups by what the running server has, which its command line may have said, and not by the config alone.
import { failed, ok, warning, type BoxCheck } from "../box-checks/box-check.ts";
import { checkCgroups, type CgroupPlaces } from "../box-checks/cgroup-check.ts";
import { checkSandbox } from "../box-checks/sandbox-check.ts";
import type { Asked, Status } from "./running-server.ts";

/** Tries what the settings ask for; a running server that has less is worth a warning. */
export async function checkWalls(
  settings: Parameters<typeof checkSandbox>[0],
  asked: Asked,
): Promise<BoxCheck> {
  return judgeWalls(await checkSandbox(settings), serverOf(asked));
}

/** What a try told, beside what the server says. */
export function judgeWalls(
  tried: BoxCheck,
  server: Pick<Status["server"], "sandbox"> | null,
): BoxCheck {
  if (server === null || tried.status === "failed") return tried;
  const facts = { ...tried.facts, running: server.sandbox };
  if (server.sandbox !== "none" || tried.facts["kind"] === "none") return { ...tried, facts };
  const message = `${tried.message} here, and the server was started with "--sandbox none": each job can read the database`;
  return warning("sandbox", { message, fix: "fetchml serve --sandbox auto", facts });
}

/** Looks for what the server could get, and whether it has got it. */
export function checkDelegation(asked: Asked, places: CgroupPlaces = {}): BoxCheck {
  return judgeDelegation(checkCgroups(places), serverOf(asked));
}

/** What the box could give, beside what the server says. */
export function judgeDelegation(
  possible: BoxCheck,
  server: Pick<Status["server"], "cgroups"> | null,
): BoxCheck {
  if (server === null) return possible;
  const facts = { ...possible.facts, running: server.cgroups };
  if (server.cgroups) {
    return ok("cgroups", "the server has one of its own: jobs are held to their memory", facts);
  }
  if (possible.status !== "ok") return { ...possible, facts };
  const message = "this box has cgroup v2, and none was delegated to the server that runs";
  return failed("cgroups", { message, fix: "sudo systemctl restart fetchml", facts });
}

function serverOf(asked: Asked): Status["server"] | null {
  return asked.kind === "answers" ? asked.status.server : null;
}
