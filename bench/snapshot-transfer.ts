// Measures how long `ml queue` takes to send a project, and what it sends, beside rsync, cp and git on the same machine.
// `bun bench/snapshot-transfer.ts [--rounds N] [--only NAME] [--in FOLDER]` prints a table, and JSON as its last line.
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildForHost } from "../scripts/build.ts";
import { timed } from "./timed.ts";
import { openTransferBox } from "./transfer-box.ts";
import { cpTo, gitIn, rsyncTo, type Contender, type Run } from "./transfer-peers.ts";
import { changeOne, TREE_KINDS, writeProject, type TreeKind } from "./transfer-trees.ts";

/** The three acts, in this order. */
const ACTS = ["first", "unchanged", "one changed"] as const;

type Act = (typeof ACTS)[number];

interface Sample extends Run {
  readonly kind: string;
  readonly contender: string;
  readonly act: Act;
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    only: { type: "string" },
    // A file system of one's own is less disturbed by others.
    in: { type: "string", default: tmpdir() },
  },
});

await buildForHost();
const folder = mkdtempSync(join(values.in, "fetchml-transfer-"));
const samples: Sample[] = [];
let changes = 0;
try {
  for (const kind of TREE_KINDS) {
    if (values.only !== undefined && values.only !== kind.name) continue;
    const project = join(folder, kind.name.replaceAll(/\W/g, "-"), "project");
    writeProject(project, kind);
    for (let round = 0; round < Number(values.rounds); round++) {
      await measureRound(kind, project, round);
    }
  }
  print();
} finally {
  // Only now: ext4 is slow to make files for half a minute after many were removed.
  rmSync(folder, { recursive: true, force: true });
}

async function measureRound(kind: TreeKind, project: string, round: number): Promise<void> {
  const place = join(folder, `${kind.name.replaceAll(/\W/g, "-")}-${round}`);
  const box = await openTransferBox(place);
  try {
    const sender = await box.addSender();
    const ml: Contender = {
      name: "ml queue",
      async run(from) {
        const ms = await sender.queue(from);
        await box.rest();
        return { ms, bytes: null };
      },
    };
    await measure(ml, kind, project);
    if (round === 0) {
      const counted = await box.addSender();
      const count: Contender = {
        name: "ml queue (bytes)",
        run: async (from) => ({ ms: 0, bytes: await counted.countBytes(from) }),
      };
      await measure(count, kind, project);
    }
  } finally {
    await box.close();
  }
  await measure(rsyncTo(join(place, "rsync")), kind, project);
  await measure(cpTo(join(place, "cp")), kind, project);
  await measure(await gitIn(join(place, "git")), kind, project);
}

async function measure(contender: Contender, kind: TreeKind, project: string): Promise<void> {
  for (const act of ACTS) {
    if (act === "one changed") changeOne(project, kind, (changes += 1));
    // What was just written counts as changing still; and nobody pays for what others have left in memory.
    await timed(["sync"]);
    await Bun.sleep(100);
    const run = await contender.run(project);
    samples.push({ ...run, kind: kind.name, contender: contender.name, act });
    process.stderr.write(`${kind.name}, ${contender.name}, ${act}: ${run.ms.toFixed(0)} ms\n`);
  }
}

function print(): void {
  const model = cpus()[0]?.model ?? "unknown";
  const contenders = ["ml queue", "rsync -a", "cp -r", "git add, stash create"];
  const rows = TREE_KINDS.flatMap(({ name }) =>
    ACTS.map((act) => {
      const [ml = NaN, rsync = NaN] = contenders.map((each) => medianMs(name, each, act));
      return [
        `${name}, ${act}`,
        ...contenders.map((each) => milliseconds(medianMs(name, each, act))),
        bytesOf(name, "ml queue (bytes)", act),
        bytesOf(name, "rsync -a", act),
        `${(ml / rsync).toFixed(2)} of rsync's`,
      ];
    }),
  ).filter(([, ml]) => ml !== "–");
  const head = ["project", ...contenders, "ml sent", "rsync sent", "ml's time"];
  const table = [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
  process.stdout.write(`${cpus().length} × ${model}, medians of ${values.rounds}\n\n${table}\n\n`);
  process.stdout.write(`${JSON.stringify(samples)}\n`);
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function of(kind: string, contender: string, act: Act): readonly Sample[] {
  return samples.filter(
    (each) => each.kind === kind && each.contender === contender && each.act === act,
  );
}

function medianMs(kind: string, contender: string, act: Act): number {
  const times = of(kind, contender, act).map(({ ms }) => ms);
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? NaN;
}

function milliseconds(ms: number): string {
  return Number.isNaN(ms) ? "–" : `${ms < 100 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}

function bytesOf(kind: string, contender: string, act: Act): string {
  const bytes = of(kind, contender, act)[0]?.bytes ?? null;
  if (bytes === null) return "–";
  return bytes < 100_000 ? `${bytes} B` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
