// The step that makes the data folder.
import { chownSync, existsSync, statSync } from "node:fs";
import { prepareDataFolder } from "../data-folder.ts";
import { dataOwner, ownerName } from "./unit-account.ts";
import type { SetUpPlan } from "./set-up-plan.ts";
import type { SetUpStep } from "./set-up-step.ts";
import type { UnitState } from "./unit-step.ts";

/** Makes the folder with mode 0700 for the account of the server. One that is there keeps its owner. */
export function dataFolderStep(
  { dataDir }: Pick<SetUpPlan, "dataDir">,
  unit: UnitState,
): SetUpStep {
  const found = existsSync(dataDir) ? statSync(dataDir) : null;
  const isOpen = found !== null && (found.mode & 0o077) !== 0 && (found.mode & 0o077) !== 0o011;
  if (found !== null && (!isOpen || found.uid !== ownUid())) {
    return { isDone: true, says: `The data folder ${dataDir} is there` };
  }
  return {
    isDone: false,
    says:
      found === null
        ? `Make the data folder ${dataDir}, mode 0700, owned by ${ownerName(unit)}`
        : `Close the data folder ${dataDir} to others: mode 0700`,
    act: () => {
      const owner = dataOwner(unit);
      prepareDataFolder(dataDir);
      if (found === null && owner.uid !== ownUid()) chownSync(dataDir, owner.uid, owner.gid);
    },
  };
}

function ownUid(): number {
  return process.geteuid?.() ?? 0;
}
