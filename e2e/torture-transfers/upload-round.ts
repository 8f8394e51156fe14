// One round of uploads: new code is queued, somebody is killed, and the same code or other is queued again.
import { join } from "node:path";
import type { Person } from "../box.ts";
import type { Random } from "../torture/random.ts";
import { writeNewCode } from "./changing-project.ts";
import type { Torture } from "./ledger.ts";
import { strike, type Victim } from "./strike.ts";
import { DIGEST_SCRIPT, digestOf } from "./tree-digest.ts";

/** What one round does. */
export interface RoundPlan {
  readonly round: number;
  readonly victim: Victim;
  readonly delayMs: number;
  readonly random: Random;
}

/** Queues new code; answers whether the kill came in the middle. */
export async function uploadRound(torture: Torture, plan: RoundPlan): Promise<boolean> {
  const { box, people, ledger } = torture;
  const { round, victim, random } = plan;
  const [alice, bob] = people;
  const project = join(box.folder, "project");
  writeNewCode(project, random);
  let tree = await digestOf(project);
  const nameOf = (what: string): string => {
    const name = `upload-${round}-${what}`;
    ledger.trees.set(name, tree);
    return name;
  };
  const first = nameOf("struck");
  const client = alice.start(wordsOf(first), { cwd: project });
  // The same blobs at the same time: of the same user, or of another who must send them too.
  const companion = random.pick([alice, bob, null, null]) ?? null;
  const beside = companion === null ? null : queue(companion, nameOf("beside"), project);
  const struck = await strike(box, client, plan);
  note(torture, first, struck, victim === "client" ? null : MAY_BE_UNREACHABLE);
  if (beside !== null) {
    const { name, ended } = await beside;
    note(torture, name, ended, victim === "client" ? MUST_END_WELL : MAY_BE_UNREACHABLE);
  }
  if (random.chance(0.5)) {
    // What was cut off is wanted by nobody any more.
    writeNewCode(project, random);
    tree = await digestOf(project);
  }
  const again = await queue(alice, nameOf("again"), project);
  note(torture, again.name, again.ended, MUST_END_WELL);
  return struck.isHit;
}

/** Queues the project of a folder as a job that prints the digest of its tree. */
export async function queue(person: Person, name: string, project: string) {
  return { name, ended: await person.ml(wordsOf(name), { cwd: project }) };
}

function wordsOf(name: string): readonly string[] {
  return ["queue", name, "--json", "--", "sh", "-c", DIGEST_SCRIPT];
}

const MUST_END_WELL = [0];
const MAY_BE_UNREACHABLE = [0, 4];

/** @param codes those that it may end with; `null`: any, as the client itself was killed */
function note(
  { ledger }: Torture,
  name: string,
  ended: { readonly code: number; readonly stdout: string; readonly stderr: string },
  codes: readonly number[] | null,
): void {
  if (codes !== null && !codes.includes(ended.code)) {
    ledger.faults.push(`ml queue ${name} ended with ${ended.code}: ${ended.stderr.trim()}`);
  }
  const id = /"id": ?(\d+)/.exec(ended.stdout)?.[1];
  if (ended.code === 0 && id !== undefined) ledger.acknowledged.set(name, Number(id));
}
