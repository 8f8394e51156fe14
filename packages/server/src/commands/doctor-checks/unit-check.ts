// Checks that systemd, where it runs the box, has the unit, starts it with the box, and has it running.
import { existsSync } from "node:fs";
import { failed, ok, warning, type BoxCheck } from "../box-checks/box-check.ts";

const NAME = "unit";
const UNIT = "fetchml.service";

/** What is asked, and where; other places are for tests. */
export interface UnitPlaces {
  /** Whether the unit reads the config that the doctor looks at. */
  readonly isOfUnit: boolean;
  /** Whether systemd runs this box. Default: it does when it left its mark in `/run`. */
  readonly hasSystemd?: boolean;
  /** Name or path of `systemctl`. */
  readonly program?: string;
}

/** Asks systemd for the unit of the box, then for that of this account. */
export function checkUnit({
  isOfUnit,
  hasSystemd = existsSync("/run/systemd/system"),
  program = "systemctl",
}: UnitPlaces): BoxCheck {
  if (!hasSystemd || Bun.which(program) === null) {
    return ok(NAME, "no systemd runs here: whoever starts the server keeps it running");
  }
  if (!isOfUnit) return ok(NAME, "not used: a unit reads the config of its usual place only");
  const seen = [[], ["--user"]]
    .map((scope) => ({ scope, state: ask([program, ...scope]) }))
    .find(({ state }) => state.get("LoadState") === "loaded");
  if (seen === undefined) {
    const message = `no unit ${UNIT} is installed: nothing starts the server with the box`;
    return warning(NAME, { message, fix: "sudo ./install.sh", facts: { is_installed: false } });
  }
  return judge(seen.state, seen.scope.length === 0 ? "sudo systemctl" : "systemctl --user");
}

function judge(state: ReadonlyMap<string, string>, systemctl: string): BoxCheck {
  const active = state.get("ActiveState") ?? "";
  const enabled = state.get("UnitFileState") ?? "";
  const facts = { is_installed: true, active, enabled };
  if (active === "activating") {
    const message = `${UNIT} is being started: if it still is in a minute, what it says is the reason`;
    const journalctl = systemctl.replace("systemctl", "journalctl");
    return failed(NAME, { message, fix: `${journalctl} -u fetchml -n 20`, facts });
  }
  if (active !== "active" && active !== "reloading") {
    const message = `${UNIT} is ${active}`;
    const fix =
      active === "failed" ? `${systemctl} restart fetchml` : `${systemctl} enable --now fetchml`;
    return failed(NAME, { message, fix, facts });
  }
  if (!enabled.startsWith("enabled")) {
    const message = `${UNIT} runs, and will not start with the box`;
    return warning(NAME, { message, fix: `${systemctl} enable fetchml`, facts });
  }
  if (state.get("NeedDaemonReload") === "yes") {
    const message = `${UNIT} has changed since systemd read it`;
    return warning(NAME, { message, fix: `${systemctl} daemon-reload`, facts });
  }
  return ok(NAME, `${UNIT} runs, and starts with the box`, facts);
}

const PROPERTIES = "LoadState,ActiveState,UnitFileState,NeedDaemonReload";

function ask(systemctl: readonly string[]): ReadonlyMap<string, string> {
  const { stdout } = Bun.spawnSync([...systemctl, "show", UNIT, `--property=${PROPERTIES}`], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  return new Map(
    stdout
      .toString()
      .split("\n")
      .map((line) => {
        const [key = "", value = ""] = line.split("=");
        return [key, value] as const;
      }),
  );
}
