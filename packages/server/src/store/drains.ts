// Statements about what is out of service.
import type { Database } from "./database.ts";

/** What can be drained: the box as a whole, or a GPU by its UUID. */
export type DrainTarget = "box" | { readonly gpu: string };

/** What starts nothing new. */
export interface Drained {
  readonly box: boolean;
  readonly gpuUuids: ReadonlySet<string>;
}

/** All that is out of service. */
export function drained(db: Database): Drained {
  const targets = new Set(
    db.all<{ target: string }>("SELECT target FROM drains").map((row) => row.target),
  );
  return { box: targets.delete(BOX), gpuUuids: targets };
}

/** Whether the box as a whole is. */
export function isBoxDrained(db: Database): boolean {
  return db.get("SELECT 1 FROM drains WHERE target = $target", { target: BOX }) !== null;
}

/** Takes something out of service; nothing happens when it is. */
export function insertDrain(
  db: Database,
  target: DrainTarget,
  { since, by }: { readonly since: number; readonly by: string },
): void {
  db.run(
    "INSERT INTO drains (target, since, drained_by) VALUES ($target, $since, $by) ON CONFLICT DO NOTHING",
    { target: nameOf(target), since, by },
  );
}

/** Puts something into service again; nothing happens when it is. */
export function deleteDrain(db: Database, target: DrainTarget): void {
  db.run("DELETE FROM drains WHERE target = $target", { target: nameOf(target) });
}

const BOX = "box";

function nameOf(target: DrainTarget): string {
  return target === "box" ? BOX : target.gpu;
}
