// The step that makes the database and its first user, who is an admin.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { tryLockDataFolder } from "../../store/data-folder-lock.ts";
import { DATABASE_FILE, openStore } from "../../store/open-store.ts";
import { callAsAdmin } from "../admin-call.ts";
import { becomeOwner } from "../data-folder.ts";
import { systemClock } from "../system-clock.ts";
import type { SetUpPlan } from "./set-up-plan.ts";
import type { SetUpStep } from "./set-up-step.ts";

/** The first user: who it is, or will be, and what adds it. */
export interface FirstUser {
  readonly name: string;
  /** The last step: root becomes the owner of the data folder for it. */
  readonly step: SetUpStep;
}

/** Looks who is there. A name that was not typed is given up for that of a user who is. */
export function firstUser(plan: SetUpPlan): FirstUser {
  const { user, isUserTyped } = plan;
  const users = usersOf(plan);
  const [first] = users;
  if (first !== undefined && (!isUserTyped || users.includes(user))) {
    const name = users.includes(user) ? user : first;
    return { name, step: { isDone: true, says: `The user ${name} is there` } };
  }
  return { name: user, step: addingStep(plan) };
}

function addingStep(plan: SetUpPlan): SetUpStep {
  const { user, dataDir } = plan;
  return {
    isDone: false,
    says: `Add the user ${user}, with the role admin`,
    act: async () => {
      process.umask(0o077);
      becomeOwner(dataDir);
      makeDatabase(dataDir);
      await callAsAdmin(flagsOf(plan), "user.add", { user, role: "admin" });
    },
  };
}

/** Names of the users. Asked of another process, because root stops being root to read them. */
function usersOf(plan: SetUpPlan): readonly string[] {
  if (!existsSync(join(plan.dataDir, DATABASE_FILE))) return [];
  const { config, "data-dir": dataDir } = flagsOf(plan);
  const options = [...(config === undefined ? [] : ["--config", config]), "--data-dir", dataDir];
  const { exitCode, stdout, stderr } = Bun.spawnSync([
    process.execPath,
    "user",
    "list",
    "--json",
    ...options,
  ]);
  if (exitCode !== 0) {
    throw new FetchmlError("box-unfit", stderr.toString().trim() || "Cannot list the users.");
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own command prints users
  return (JSON.parse(stdout.toString()) as readonly { name: string }[]).map(({ name }) => name);
}

function makeDatabase(dataDir: string): void {
  if (existsSync(join(dataDir, DATABASE_FILE))) return;
  // Somebody else who owns the folder makes the database himself.
  const lock = tryLockDataFolder(dataDir);
  if (lock === null) return;
  try {
    openStore(dataDir, systemClock.now()).close();
  } finally {
    lock.close();
  }
}

function flagsOf({ configPath, dataDir }: SetUpPlan): {
  readonly config: string | undefined;
  readonly "data-dir": string;
} {
  return { config: existsSync(configPath) ? configPath : undefined, "data-dir": dataDir };
}
