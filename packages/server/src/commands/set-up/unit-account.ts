// The account that the unit of the box runs the server as, and the step that makes it.
import { readFileSync } from "node:fs";
import { FetchmlError } from "@fetchml/protocol";
import { accountName } from "../account-name.ts";
import type { SetUpStep } from "./set-up-step.ts";
import type { UnitState } from "./unit-step.ts";

/** Its name, in `deploy/fetchml.service` too. */
const SERVICE_ACCOUNT = "fetchml";

/** An account in numbers and words. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

/** Whether root sets things up for the service: it has its account already, or will get it with the unit. */
export function isForService(unit: UnitState): boolean {
  return process.geteuid?.() === 0 && (unit.kind !== "none" || accountOf(SERVICE_ACCOUNT) !== null);
}

/** Who shall own the data folder, by name. */
export function ownerName(unit: UnitState): string {
  return isForService(unit) ? SERVICE_ACCOUNT : accountName();
}

/**
 * Who shall own the data folder; asked when it is made, for by then the account exists.
 * @throws FetchmlError box-unfit
 */
export function dataOwner(unit: UnitState): Account {
  if (!isForService(unit)) {
    return { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0, name: accountName() };
  }
  const account = accountOf(SERVICE_ACCOUNT);
  if (account !== null) return account;
  throw new FetchmlError(
    "box-unfit",
    `There is no account ${SERVICE_ACCOUNT} for the service.\nType: sudo useradd --system --home-dir /var/lib/fetchml ${SERVICE_ACCOUNT}`,
  );
}

/** Makes the account that the unit asks for; `null` where none is wanted. */
export function accountStep(unit: UnitState): SetUpStep | null {
  if (unit.kind === "none" || !isForService(unit)) return null;
  if (accountOf(SERVICE_ACCOUNT) !== null) {
    return { isDone: true, says: `The account ${SERVICE_ACCOUNT} is there` };
  }
  return {
    isDone: false,
    says: `Make the account ${SERVICE_ACCOUNT} for the service: systemd-sysusers fetchml.conf`,
    act: () => {
      Bun.spawnSync(["systemd-sysusers", "fetchml.conf"]);
      dataOwner(unit);
    },
  };
}

function accountOf(name: string): Account | null {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((each) => each.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  if (uid === undefined || gid === undefined) return null;
  return { uid: Number(uid), gid: Number(gid), name };
}
