// Makes all checks of `fetchml doctor`, each only where what it needs was found to be well.
import { FetchmlError } from "@fetchml/protocol";
import { configPlaces, readSettings, type SettingFlags } from "../../config/read-settings.ts";
import type { Settings } from "../../config/settings.ts";
import { failed, ok, type BoxCheck } from "../box-checks/box-check.ts";
import { checkClock } from "../box-checks/clock-check.ts";
import { checkDisk } from "../box-checks/disk-check.ts";
import { checkGpu } from "../box-checks/gpu-check.ts";
import { sudoAccount } from "../../config/typing-account.ts";
import { becomeOwner } from "../data-folder.ts";
import { typedPlaces } from "../shell-word.ts";
import { systemClock } from "../system-clock.ts";
import { checkBackup } from "./backup-check.ts";
import { checkDatabase } from "./database-check.ts";
import { checkDataFolder } from "./data-folder-check.ts";
import { checkExposure } from "./exposure-check.ts";
import { checkKeys } from "./keys-check.ts";
import { askStatus, type Asked } from "./running-server.ts";
import { checkServer } from "./server-check.ts";
import { checkUnit } from "./unit-check.ts";
import { checkDelegation, checkWalls } from "./walls-check.ts";

/** What all checks found. */
export interface ServerExamination {
  /** Those that were made, in the order in which they are shown. */
  readonly checks: readonly BoxCheck[];
  /** Names of those that could not be made, because another one failed. */
  readonly not_checked: readonly string[];
}

/** A check, and what it needs. */
interface DoctorCheck {
  readonly name: string;
  /** Names of checks before it; it is made where none of them is missing or has failed. */
  readonly needs: readonly string[];
  readonly make: (settings: Settings, asked: Asked) => BoxCheck | Promise<BoxCheck>;
}

const FOLDER = "data-folder";

/** All checks after that of the config, in the order in which they are made and shown. Names never change. */
export const doctorChecks: readonly DoctorCheck[] = [
  { name: FOLDER, needs: [], make: (settings) => checkDataFolder(settings) },
  { name: "disk", needs: [], make: (settings) => checkDisk(settings) },
  { name: "database", needs: [FOLDER], make: checkDatabase },
  {
    name: "backup",
    needs: [FOLDER],
    make: (settings) => checkBackup(settings, systemClock.now()),
  },
  { name: "server", needs: [FOLDER], make: checkServer },
  { name: "unit", needs: [], make: (settings) => checkUnit(unitPlaces(settings)) },
  { name: "port", needs: [], make: (settings) => checkExposure(settings) },
  {
    name: "keys",
    needs: [FOLDER, "server"],
    make: (settings) => checkKeys(settings, systemClock.now()),
  },
  { name: "gpu", needs: [], make: (settings) => checkGpu(settings) },
  { name: "sandbox", needs: [], make: checkWalls },
  { name: "cgroups", needs: [], make: (_, asked) => checkDelegation(asked) },
  { name: "clock", needs: [], make: () => checkClock() },
];

/** Makes the checks as the account that owns the data folder, which is the one that the server runs as. */
export async function examineServer(flags: SettingFlags): Promise<ServerExamination> {
  const { check, settings } = checkConfig(flags);
  if (settings === null) {
    return { checks: [asTyped(check, flags)], not_checked: doctorChecks.map(({ name }) => name) };
  }
  const made = [check];
  let asked: Asked = { kind: "absent" };
  for (const { needs, make } of doctorChecks) {
    const isFit = needs.every((name) =>
      made.some((each) => each.name === name && each.status !== "failed"),
    );
    if (!isFit) continue;
    const one = await make(settings, asked);
    made.push(one);
    if (one.name !== FOLDER || one.status === "failed") continue;
    becomeOwner(settings.dataDir);
    asked = await askStatus(settings.dataDir);
  }
  const names = new Set(made.map(({ name }) => name));
  return {
    checks: made.map((each) => asTyped(each, flags)),
    not_checked: doctorChecks.map(({ name }) => name).filter((name) => !names.has(name)),
  };
}

/** With the fix as this person has to type it: for the same folder, and with sudo where the doctor was called so. */
function asTyped(check: BoxCheck, flags: SettingFlags): BoxCheck {
  if (check.status === "ok") return check;
  const isOurs = check.fix.startsWith("fetchml ");
  const hasPlace = / --(?:config|data-dir) /.test(check.fix);
  const fix = `${check.fix}${isOurs && !hasPlace ? typedPlaces(flags) : ""}`;
  const takesRoot = isOurs || /^(?:chmod |\$\{EDITOR)/.test(fix);
  return { ...check, fix: takesRoot && sudoAccount() !== null ? `sudo ${fix}` : fix };
}

function checkConfig(flags: SettingFlags): {
  readonly check: BoxCheck;
  readonly settings: Settings | null;
} {
  const name = "config";
  try {
    const settings = readSettings(flags);
    const { configPath: path } = settings;
    const message = path ?? "there is no config file: everything has its default";
    return { settings, check: ok(name, message, { path }) };
  } catch (error) {
    if (!(error instanceof FetchmlError)) throw error;
    const message = error.message.split("\n")[0] ?? "";
    const path = flags.config ?? /^(?:Cannot read )?(\/[^,:]+)/.exec(message)?.[1];
    const fix = path === undefined ? "fetchml doctor" : `\${EDITOR:-vi} ${path}`;
    return { settings: null, check: failed(name, { message, fix, facts: { path: path ?? null } }) };
  }
}

/** The unit reads the config of its usual place only. */
function unitPlaces({ configPath }: Settings): { readonly isOfUnit: boolean } {
  return { isOfUnit: configPath === null || configPlaces().includes(configPath) };
}
