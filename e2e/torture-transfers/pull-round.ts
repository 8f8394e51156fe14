// One round of pulls: outputs are pulled, somebody is killed, and the same command is typed again.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Torture } from "./ledger.ts";
import { strike } from "./strike.ts";
import { digestOf } from "./tree-digest.ts";
import type { RoundPlan } from "./upload-round.ts";

/** What there is to pull: a job, and a folder that holds the same as its outputs. */
export interface PullSource {
  readonly job: string;
  readonly folder: string;
  readonly tree: string;
}

/** Pulls; answers whether the kill came in the middle. */
export async function pullRound(
  { box, people, ledger }: Torture,
  source: PullSource,
  plan: RoundPlan,
): Promise<boolean> {
  const [alice] = people;
  const target = join(box.folder, "pulled");
  const words = ["pull", source.job, "-o", target];
  const struck = await strike(box, alice.start(words), plan);
  if (plan.victim !== "client" && struck.code !== 0 && struck.code !== UNREACHABLE) {
    ledger.faults.push(`pull ${plan.round} ended with ${struck.code}: ${struck.stderr.trim()}`);
  }
  ledger.faults.push(...halfMade(target, source.folder, plan.round));
  const again = await alice.ml(words);
  if (again.code !== 0) {
    ledger.faults.push(
      `pull ${plan.round}, again, ended with ${again.code}: ${again.stderr.trim()}`,
    );
  } else if ((await digestOf(target)) !== source.tree) {
    ledger.faults.push(`pull ${plan.round} is not what the job has made`);
  }
  rmSync(target, { recursive: true, force: true });
  return struck.isHit;
}

const UNREACHABLE = 4;

/** Where parts wait. */
const PARTS = ".ml-pull";

/** Files that stand under their names and are not whole. */
function halfMade(target: string, source: string, round: number): readonly string[] {
  if (!existsSync(target)) return [];
  return readdirSync(target, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(target.length + 1))
    .filter((path) => !path.startsWith(`${PARTS}/`))
    .filter((path) => !readFileSync(join(target, path)).equals(readFileSync(join(source, path))))
    .map((path) => `pull ${round} has left ${path} half made`);
}
