// Row beside the table: how long `ml queue` takes to send a project, and what it sends, beside rsync, cp and git on the same machine.
import { rmSync } from "node:fs";
import { FLOOR, openFloor } from "./floor-box.ts";
import type { Bench, Measure, Row } from "./row.ts";
import { median } from "./statistics.ts";
import { timed } from "./timed.ts";
import { openTransferBox, type TransferBox } from "./transfer-box.ts";
import { copyTo, gitIn, rsyncTo, type Act, type Contender } from "./transfer-peers.ts";
import { changeOne, isLarge, TREE_KINDS, writeProject, type TreeKind } from "./transfer-trees.ts";

/** Goals by act; what is here binds FetchML. */
const GOALS: Readonly<Record<string, Measure["goal"]>> = {
  "1,000 files, unchanged": { atMost: 10 },
  "20,000 files, first": { atMost: 1, timesOf: "rsync -a" },
  // 70 % of its speed.
  "1 GB, first": { atMost: 1.43, timesOf: "cp -r" },
};

/** Each project of the table, first, unchanged and with one file changed. */
export const snapshotTransfer: Row = {
  name: "snapshot-transfer",
  title: "`ml queue` sends a project: first, unchanged, one file changed",
  isWide: true,
  async measure(bench) {
    for (const kind of bench.isQuick ? TREE_KINDS.slice(0, 1) : TREE_KINDS) {
      const place = `${bench.folder}/${kind.name.replaceAll(/\W/g, "-")}`;
      const project = `${place}/project`;
      writeProject(project, kind);
      for (let round = 0; round < bench.rounds; round++) {
        const own = `${place}/${round}`;
        await measureRound({ bench, kind, project }, own, round);
        // Else the copies of all rounds push the project out of memory. Many small files stay to the end of the row: ext4 is slow to
        // make files for half a minute after many were removed.
        if (isLarge(kind)) rmSync(own, { recursive: true });
      }
      if (isLarge(kind)) rmSync(place, { recursive: true });
    }
  },
};

interface Subject {
  readonly bench: Bench;
  readonly kind: TreeKind;
  readonly project: string;
}

async function measureRound(subject: Subject, place: string, round: number): Promise<void> {
  const { kind } = subject;
  const box = await openTransferBox(`${place}/box`);
  const floor = await openFloor(`${place}/floor`);
  try {
    const peers = [
      ...(has("rsync", subject.bench) ? [rsyncTo(`${place}/rsync`)] : []),
      ...(has("git", subject.bench) ? [await gitIn(`${place}/git`)] : []),
      ...(isLarge(kind) ? [copyTo(`${place}/cp`)] : []),
    ];
    const contenders = [await sending(box), ...peers, lookingAt(floor.url)];
    // Who comes first changes with the round.
    const turn = round % contenders.length;
    for (const each of [...contenders.slice(turn), ...contenders.slice(0, turn)]) {
      await measure(subject, each);
    }
    // Last: the server has less to write of what it has had from somebody.
    if (round === 0) await countBytes(subject, box);
  } finally {
    await floor.close();
    await box.close();
  }
}

function has(program: string, bench: Bench): boolean {
  const isHere = Bun.which(program) !== null;
  if (!isHere) bench.miss({ who: program, reason: "not installed: run bench/install-peers.sh" });
  return isHere;
}

/** `ml queue` as one more person, who has sent nothing yet. */
async function sending(box: TransferBox): Promise<Contender> {
  const sender = await box.addSender();
  return {
    name: "FetchML",
    acts: ["first", "unchanged", "one changed"],
    async run(project) {
      const ms = await sender.queue(project);
      // What the server does after the answer is nobody's wait, but it is not to be the next one's either.
      await box.rest();
      return { ms, bytes: null };
    },
  };
}

/** What no command in Bun can beat where nothing has changed: it looks at each file, and one row is stored durably. */
function lookingAt(url: string): Contender {
  return {
    name: "floor",
    acts: ["unchanged"],
    async run(project) {
      const { ms } = await timed([FLOOR, "ask", url, JSON.stringify({ store: 1500 }), project]);
      return { ms, bytes: null };
    },
  };
}

let changes = 0;
/** What changes nothing is done as often within a second, and the middle counts. */
const MOST_RUNS = 9;
const ENOUGH_MS = 1000;

async function measure({ bench, kind, project }: Subject, contender: Contender): Promise<void> {
  for (const act of contender.acts) {
    await prepare({ bench, kind, project }, act);
    const what = `${kind.name}, ${act}`;
    const first = await contender.run(project);
    const taken = [first.ms];
    const most = act === "unchanged" ? MOST_RUNS : 1;
    const deadline = performance.now() + ENOUGH_MS;
    while (taken.length < most && performance.now() < deadline) {
      taken.push((await contender.run(project)).ms);
    }
    const goal = contender.name === "FetchML" ? GOALS[what] : undefined;
    bench.record({ who: contender.name, what, unit: "ms", goal }, median(taken));
    if (first.syncedMs !== undefined && act !== "unchanged") {
      const who = `${contender.name}, then sync`;
      bench.record({ who, what, unit: "ms" }, first.syncedMs);
    }
    if (first.bytes !== null) recordBytes(bench, contender.name, { what, bytes: first.bytes });
  }
}

/** Changes what is to be changed. Nobody pays for what others have left to write, and what was just written counts as changing still. */
async function prepare({ bench, kind, project }: Subject, act: Act): Promise<void> {
  if (act === "one changed") changeOne(project, kind, (changes += 1));
  if (!bench.isQuick) await timed(["sync"]);
  await Bun.sleep(100);
}

/** What `ml` sends goes through a proxy that counts it, in a pass of its own: that takes time. */
async function countBytes({ bench, kind, project }: Subject, box: TransferBox): Promise<void> {
  const sender = await box.addSender();
  for (const act of ["first", "unchanged", "one changed"] as const) {
    await prepare({ bench, kind, project }, act);
    const bytes = await sender.countBytes(project);
    recordBytes(bench, "FetchML", { what: `${kind.name}, ${act}`, bytes });
    await box.rest();
  }
}

function recordBytes(
  bench: Bench,
  who: string,
  { what, bytes }: { readonly what: string; readonly bytes: number },
): void {
  bench.record({ who, what: `${what}: bytes sent`, unit: "B" }, bytes);
}
