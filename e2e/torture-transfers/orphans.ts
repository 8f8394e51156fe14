// Makes everything old, lets the server collect, and looks whether anything stayed that no job needs, or went that one needs.
import { Database } from "bun:sqlite";
import { existsSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "@fetchml/protocol";
import { until, type Box } from "../box.ts";

/**
 * Collects as if the box had been off for longer than code is kept. What is left of the snapshots must be exactly what the
 * jobs that stay run from.
 *
 * @returns what is not so, a sentence each
 */
export async function collectAndJudge(box: Box, days: number): Promise<readonly string[]> {
  // What came packed is unpacked when nobody sends any more.
  const packs = join(box.dataDir, "snapshots/packs");
  await until(async () => readdirSync(packs).length === 0, "packs of blobs stay packed");
  await box.stop();
  makeOlder(box.dataDir, days);
  await box.start();
  const ended = await box.admin(["gc", "--json"]);
  if (ended.code !== 0) return [`fetchml gc ended with ${ended.code}: ${ended.stderr.trim()}`];
  const { problems }: { problems: string[] } = JSON.parse(ended.stdout);
  const again = await box.admin(["gc", "--dry-run", "--json"]);
  const { removed }: { removed: unknown[] } = JSON.parse(again.stdout);
  return [
    ...problems.map((problem) => `gc: ${problem}`),
    ...removed.map((more) => `a second gc would find ${JSON.stringify(more)}`),
    ...snapshotFaults(box.dataDir),
  ];
}

function snapshotFaults(dataDir: string): readonly string[] {
  const root = join(dataDir, "snapshots");
  const needed = new Set<string>();
  for (const id of keptSnapshots(dataDir)) {
    const manifest = `manifests/${id.slice(0, 2)}/${id.slice(2)}`;
    needed.add(manifest);
    if (!existsSync(join(root, manifest))) continue;
    const { entries }: Manifest = JSON.parse(readFileSync(join(root, manifest), "utf8"));
    for (const entry of entries) {
      if (entry.kind === "file")
        needed.add(`blobs/${entry.hash.slice(0, 2)}/${entry.hash.slice(2)}`);
    }
  }
  const found = new Set(filesBelow(root));
  return [
    ...[...found].filter((path) => !needed.has(path)).map((path) => `${path} is an orphan`),
    ...[...needed].filter((path) => !found.has(path)).map((path) => `${path} is gone`),
  ];
}

function keptSnapshots(dataDir: string): readonly string[] {
  const db = new Database(join(dataDir, "fetchml.db"), { readonly: true });
  try {
    return db
      .query<{ id: string }, []>("SELECT id FROM snapshots WHERE removed_at IS NULL")
      .all()
      .map(({ id }) => id);
  } finally {
    db.close();
  }
}

/** The server must be stopped. */
function makeOlder(dataDir: string, days: number): void {
  const ms = days * DAY_MS;
  const db = new Database(join(dataDir, "fetchml.db"));
  for (const sql of [
    "UPDATE jobs SET ended_at = ended_at - $ms, created_at = created_at - $ms, started_at = started_at - $ms WHERE ended_at IS NOT NULL",
    "UPDATE job_files SET ended_at = ended_at - $ms",
    "UPDATE snapshots SET created_at = created_at - $ms, accepted_at = accepted_at - $ms",
  ]) {
    db.query(sql).run({ $ms: ms });
  }
  db.close();
  const before = new Date(Date.now() - ms);
  const root = join(dataDir, "snapshots");
  for (const path of filesBelow(root)) utimesSync(join(root, path), before, before);
}

const DAY_MS = 86_400_000;

/** Paths relative to the folder. */
function filesBelow(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}
