// Reads the settings again while the server runs: takes what can be taken, and names what needs a restart.
import type { Settings } from "../config/settings.ts";
import type { Log } from "../telemetry/log.ts";

/** Settings that a running server can take. */
export const RELOADABLE = [
  "logLevel",
  "allowedHosts",
  "trustedProxies",
  "guards",
  "retention",
  "minFree",
] as const;

/** What a reload works with. */
export interface Reload {
  readonly log: Log;
  /** @throws FetchmlError as reading settings does */
  readonly read: () => Settings;
  /** Takes the settings of {@link RELOADABLE}. */
  readonly apply: (settings: Settings) => void;
}

/** Reads and applies; a file with a mistake changes nothing. Answers the settings that are in force now. */
export function reload(now: Settings, { log, read, apply }: Reload): Settings {
  let wanted: Settings;
  try {
    wanted = read();
  } catch (error) {
    log.error("settings-not-reloaded", {
      why: error instanceof Error ? error.message : String(error),
      next: "those from before stay",
    });
    return now;
  }
  const taken = { ...now };
  for (const name of RELOADABLE) Object.assign(taken, { [name]: wanted[name] });
  apply(taken);
  const reloaded = RELOADABLE.filter((name) => differs(now, wanted, name));
  const waiting = namesOf(now).filter(
    (name) => !RELOADABLE.some((each) => each === name) && differs(now, wanted, name),
  );
  log.info("settings-reloaded", { changed: reloaded.map(snakeCase) });
  if (waiting.length > 0) {
    log.warn("restart-needed", { settings: waiting.map(snakeCase), next: "restart the server" });
  }
  return taken;
}

function namesOf(settings: Settings): readonly (keyof Settings)[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an object's own keys
  return Object.keys(settings) as (keyof Settings)[];
}

function differs(one: Settings, other: Settings, name: keyof Settings): boolean {
  return JSON.stringify(one[name]) !== JSON.stringify(other[name]);
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
