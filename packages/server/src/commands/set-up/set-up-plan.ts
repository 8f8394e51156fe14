// Where things come to lie on this box, and who its first user is, before anything is done.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { FetchmlError, USER_NAME } from "@fetchml/protocol";
import { configPlaces, readSettings, type SettingFlags } from "../../config/read-settings.ts";
import type { Settings } from "../../config/settings.ts";
import { sudoAccount } from "../../config/typing-account.ts";
import { accountName } from "../account-name.ts";
import type { Invocation } from "../invocation.ts";
import { parseUserName } from "../user-name.ts";

/** What `fetchml init` works from. */
export interface SetUpPlan {
  readonly configPath: string;
  readonly dataDir: string;
  /** What a server would go by: the config that is there, else the one that is to be written. */
  readonly settings: Settings;
  /** The first user. */
  readonly user: string;
  /** Whether that name was typed, and not guessed. */
  readonly isUserTyped: boolean;
}

/**
 * Decides, and looks only.
 * @throws FetchmlError usage, bad-file
 */
export function planSetUp({ flags }: Pick<Invocation, "flags">): SetUpPlan {
  const isRoot = process.geteuid?.() === 0;
  const [ofBox, ofAccount] = configPlaces();
  const configPath = resolve(
    flags.config ??
      [ofBox, ofAccount].find((place) => existsSync(place)) ??
      (isRoot ? ofBox : ofAccount),
  );
  const settings = settingsFor(configPath, flags, isRoot);
  const typed = flags["user"];
  return {
    configPath,
    dataDir: settings.dataDir,
    settings,
    user:
      typeof typed === "string"
        ? parseUserName(typed, (name) => `fetchml init --user ${name}`)
        : suggestedName(),
    isUserTyped: typed !== undefined,
  };
}

/** Where the unit keeps the data, and where root looks for it. */
const DATA_OF_BOX = "/var/lib/fetchml";

function settingsFor(configPath: string, flags: SettingFlags, isRoot: boolean): Settings {
  if (existsSync(configPath)) return agreeing(configPath, flags);
  // An empty file: what is to be written says nothing that the command line does not say.
  const dataDir = flags["data-dir"] ?? (isRoot ? DATA_OF_BOX : undefined);
  const settings = readSettings({ ...flags, config: "/dev/null", "data-dir": dataDir });
  if (settings.listen.port === 0) {
    throw new FetchmlError("usage", "A config cannot say port 0: nobody could find the server.");
  }
  return { ...settings, configPath };
}

/** What a config that is there says. It stays as it is, so that the command line cannot say otherwise. @throws FetchmlError conflict */
function agreeing(configPath: string, flags: SettingFlags): Settings {
  const wished = readSettings({ ...flags, config: configPath });
  const settings = readSettings({ config: configPath });
  const differing = [
    { key: "data_dir", wish: wished.dataDir, has: settings.dataDir },
    { key: "listen", wish: addressOf(wished), has: addressOf(settings) },
    { key: "sandbox", wish: wished.sandbox, has: settings.sandbox },
  ].find(({ wish, has }) => wish !== has);
  if (differing === undefined) return settings;
  const { key, wish, has } = differing;
  throw new FetchmlError(
    "conflict",
    `Nothing was done: the config ${configPath} is there, and with it ${key} is ${JSON.stringify(has)}.\nWrite ${key} = ${JSON.stringify(wish)} into it, and type "fetchml init" again without --${key.replace("_", "-")}.`,
  );
}

function addressOf({ listen: { host, port } }: Settings): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** The name of the person who types, as far as it can be one of a user; else `admin`. */
function suggestedName(): string {
  const name = sudoAccount() ?? accountName();
  return name !== "root" && USER_NAME.test(name) ? name : "admin";
}
