// Shows what changed: as patches, as counts, or as one JSON value.
import type { FilePatch } from "./diff/file-patch.ts";
import type { FactChange } from "./diff/job-facts.ts";
import type { Side } from "./diff/sides.ts";
import { pathOf } from "./diff/tree-changes.ts";
import type { Output } from "./output.ts";
import { fileJson } from "./render/diff-json.ts";
import { statRow, statText, type StatRow } from "./render/diff-stat.ts";
import { factChangesText } from "./render/fact-changes.ts";
import { writeJson } from "./render/json.ts";
import type { Palette } from "./render/palette.ts";
import { patchBytes } from "./render/patch-text.ts";

/** What changed between which two. */
export interface Comparison {
  readonly before: Pick<Side, "json">;
  readonly after: Pick<Side, "json">;
  readonly facts: readonly FactChange[];
  /** Worked out while it is shown. */
  readonly patches: AsyncIterable<FilePatch>;
}

/** How it is shown. */
export interface DiffLook {
  readonly stdout: Output;
  readonly palette: Palette;
  readonly width: number;
  readonly as: "json" | "text";
  /** Whether lines are counted, and none is shown. */
  readonly isStat: boolean;
  /** Takes whatever stands in the way off the screen. */
  readonly clear: () => void;
}

/**
 * Writes the whole comparison; nothing when there is no difference, unless as JSON. Answers the paths of which it shows only that
 * they differ because they are too large, where it does not say so itself.
 */
export async function showDiff(
  comparison: Comparison,
  look: DiffLook,
): Promise<{ readonly large: readonly string[] }> {
  const large: string[] = [];
  if (look.as === "json") {
    await showJson(comparison, look);
    return { large };
  }
  const { stdout, palette } = look;
  const facts = factChangesText(comparison.facts, palette);
  stdout.write(facts);
  const rows: StatRow[] = [];
  let isFirst = facts !== "";
  for await (const patch of comparison.patches) {
    if (look.isStat) {
      rows.push(statRow(patch));
      continue;
    }
    if (patch.without === "large") large.push(pathOf(patch.change));
    look.clear();
    if (isFirst) stdout.write("\n");
    isFirst = false;
    stdout.write(patchBytes(patch, { palette, isTerminal: stdout.isTerminal }));
  }
  look.clear();
  if (rows.length > 0) stdout.write((facts === "" ? "" : "\n") + statText(rows, look));
  return { large };
}

async function showJson(comparison: Comparison, look: DiffLook): Promise<void> {
  const files: unknown[] = [];
  const options = { withPatch: !look.isStat };
  for await (const patch of comparison.patches) files.push(fileJson(patch, options));
  look.clear();
  const { before, after, facts } = comparison;
  writeJson(look.stdout, { before: before.json, after: after.json, facts, files });
}
