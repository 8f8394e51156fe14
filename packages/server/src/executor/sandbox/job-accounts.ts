// The accounts of jobs where the server is root: numbers that nobody else on the box has.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { readExit } from "../local/attempt-records.ts";
import { createControl, readControl } from "../local/control-files.ts";
import type { JobOwner, UidRange } from "./sandbox-plan.ts";

/**
 * The account of one user's jobs, the same for ever: numbers of users are never given twice.
 *
 * @param userId number of the user in the store, from 1.
 * @throws FetchmlError box-unfit when the range is too small for it.
 */
export function accountOf({ first, count }: UidRange, userId: number): JobOwner {
  if (userId >= count) throw tooFew(count, `user number ${userId}`);
  return { uid: first + userId, gid: first + userId, isLasting: true };
}

/**
 * The account of one attempt alone, with the group of its user: one that no attempt has that has not ended. The same again for
 * the same attempt. It is on disk before it is answered, so that it holds across a restart.
 *
 * @param control the attempt's control folder, which exists.
 * @throws FetchmlError box-unfit when all are taken.
 */
export function takeAccount(
  range: UidRange,
  {
    dataDir,
    control,
    userId,
  }: { readonly dataDir: string; readonly control: string; readonly userId: number },
): JobOwner {
  const { gid } = accountOf(range, userId);
  const had = Number(readControl(control, "account")?.text ?? Number.NaN);
  if (Number.isSafeInteger(had)) return { uid: had, gid, isLasting: false };
  const taken = join(dataDir, "accounts");
  mkdirSync(taken, { recursive: true, mode: 0o700 });
  for (let tried = 0; tried < range.count; tried += 1) {
    const uid = range.first + (nextOffset++ % range.count);
    if (!isFree(join(taken, String(uid)))) continue;
    take(join(taken, String(uid)), control);
    createControl(control, "account", String(uid));
    return { uid, gid, isLasting: false };
  }
  throw tooFew(range.count, "one more attempt");
}

/** Goes round, so that an account rests long before it is taken again. */
let nextOffset = Math.floor(Date.now() / 1000);

function isFree(claim: string): boolean {
  try {
    return readExit(readFileSync(claim, "utf8")) !== null;
  } catch {
    return true;
  }
}

function take(claim: string, control: string): void {
  writeFileSync(`${claim}.new`, control, { mode: 0o600 });
  renameSync(`${claim}.new`, claim);
}

function tooFew(count: number, forWhom: string): FetchmlError {
  return new FetchmlError(
    "box-unfit",
    `There is no account left for ${forWhom}: job_uids in config.toml holds ${count}.\nMake that range larger.`,
  );
}
