// Rounds of killed transfers on one box, each repeated to its end; now and then a verdict on all jobs and all that is stored.
import { join } from "node:path";
import { openBox } from "../box.ts";
import { seededRandom, type Random } from "../torture/random.ts";
import { writeNewCode } from "./changing-project.ts";
import { emptyLedger, type Torture } from "./ledger.ts";
import { collectAndJudge } from "./orphans.ts";
import { pullRound, type PullSource } from "./pull-round.ts";
import { VICTIMS, type Victim } from "./strike.ts";
import { digestOf } from "./tree-digest.ts";
import { queue, uploadRound } from "./upload-round.ts";
import { judgeJobs } from "./verdict.ts";

/** How long it goes on, and from which seed. */
export interface TransferTortureOptions {
  readonly seed: number;
  /** How many kills must come in the middle of a transfer. */
  readonly kills: number;
  /** Called after each verdict. */
  readonly onVerdict?: (so: TransferReport) => void;
}

/** How far it is. */
export interface TransferReport {
  /** Kills in the middle of a transfer by what was killed in what, such as `upload server`. */
  readonly kills: Readonly<Record<string, number>>;
  /** Transfers that had ended before the kill. */
  readonly missed: number;
  /** Jobs whose trees were compared. */
  readonly jobs: number;
  /** What was not as it must be, a sentence each. */
  readonly faults: readonly string[];
}

/** Tortures a fresh box; stops at the first verdict with faults. */
export async function tortureTransfers(options: TransferTortureOptions): Promise<TransferReport> {
  const random = seededRandom(options.seed);
  const box = await openBox({ config: 'keep_work = "1d"\nkeep_code = "30d"\n' });
  try {
    const people = [await box.addPerson("alice"), await box.addPerson("bob")] as const;
    const torture = { box, people, ledger: emptyLedger() };
    return await rounds(torture, { ...options, random });
  } finally {
    await box.close();
  }
}

type Transfer = "upload" | "pull";

async function rounds(
  torture: Torture,
  options: TransferTortureOptions & { readonly random: Random },
): Promise<TransferReport> {
  const { box, ledger } = torture;
  const { random } = options;
  const source = await makeSource(torture, random.fork());
  const typicalMs = await measure(torture, source, random.fork());
  const kills: Record<string, number> = {};
  let hits = 0;
  let missed = 0;
  let jobs = 0;
  for (let round = 1; ; round += 1) {
    const transfer: Transfer = random.chance(0.6) ? "upload" : "pull";
    const victim: Victim = random.pick(VICTIMS) ?? "client";
    const delayMs = Math.round((typicalMs[transfer] * random.whole(0, 1000)) / 1000);
    const plan = { round, victim, delayMs, random: random.fork() };
    const isHit =
      transfer === "upload"
        ? await uploadRound(torture, plan)
        : await pullRound(torture, source, plan);
    // Follows the machine, which is not always as fast.
    typicalMs[transfer] *= isHit ? 1.02 : 0.85;
    const what = `${transfer} ${victim}`;
    if (isHit) kills[what] = (kills[what] ?? 0) + 1;
    if (isHit) hits += 1;
    else missed += 1;
    if (round % ROUNDS_A_VERDICT !== 0 && hits < options.kills && ledger.faults.length === 0) {
      continue;
    }
    jobs += await judgeJobs(torture);
    ledger.faults.push(...(await collectAndJudge(box, DAYS_OFF)));
    const report = { kills, missed, jobs, faults: ledger.faults };
    options.onVerdict?.(report);
    if (hits >= options.kills || ledger.faults.length > 0) return report;
  }
}

const ROUNDS_A_VERDICT = 25;

/** Longer than code is kept. */
const DAYS_OFF = 31;

/** A job that stays whatever is collected, and has made what it was made of. */
async function makeSource({ box, people, ledger }: Torture, random: Random): Promise<PullSource> {
  const [alice] = people;
  const folder = join(box.folder, "source");
  writeNewCode(folder, random);
  const tree = await digestOf(folder);
  const name = "source";
  ledger.judged.add(name);
  const script = 'cp -a . "$ML_OUTPUT_DIR"';
  for (const words of [
    ["run", name, "--", "sh", "-c", script],
    ["pin", name],
  ]) {
    const { code, stderr } = await alice.ml(words, { cwd: folder });
    if (code !== 0) throw new Error(stderr);
  }
  return { job: name, folder, tree };
}

/** How long each transfer takes that nobody disturbs, in milliseconds. */
async function measure(
  { box, people, ledger }: Torture,
  source: PullSource,
  random: Random,
): Promise<Record<Transfer, number>> {
  const [alice] = people;
  const project = join(box.folder, "project");
  writeNewCode(project, random);
  const name = "undisturbed";
  ledger.trees.set(name, await digestOf(project));
  const start = performance.now();
  await queue(alice, name, project);
  const middle = performance.now();
  await alice.ml(["pull", source.job, "-o", join(box.folder, "undisturbed")]);
  return { upload: middle - start, pull: performance.now() - middle };
}
