// A change as a patch in the form of Git, which `git apply` takes.
import type { ManifestEntry } from "@fetchml/protocol";
import type { FilePatch } from "../diff/file-patch.ts";
import type { Hunk, HunkLine } from "../diff/line-hunks.ts";
import { NO_COLOURS, type Palette } from "./palette.ts";
import { visibleText } from "./visible-text.ts";

/** How a patch is shown. */
export interface PatchLook {
  readonly palette: Palette;
  /** Whether a terminal shows it: then its lines are made harmless, else they are the exact bytes. */
  readonly isTerminal: boolean;
}

/** The patch of one change as bytes. */
export function patchBytes(patch: FilePatch, look: PatchLook): Uint8Array {
  const { head, body } = patchParts(patch, look);
  // Names are always UTF-8, lines what the file has.
  return Buffer.concat([
    Buffer.from(head),
    Buffer.from(body, look.isTerminal ? "utf8" : patch.encoding),
  ]);
}

/** The same as text, without colours, for whoever does not write it to a file. */
export function patchText(patch: FilePatch): string {
  const { head, body } = patchParts(patch, { palette: NO_COLOURS, isTerminal: false });
  return head + body;
}

function patchParts(
  patch: FilePatch,
  look: PatchLook,
): { readonly head: string; readonly body: string } {
  const head = headerLines(patch).map((line) => `${look.palette.bold(line)}\n`);
  const body = (patch.hunks ?? []).flatMap((hunk) => hunkLines(hunk, look));
  return { head: head.join(""), body: body.map((line) => `${line}\n`).join("") };
}

/** A path as Git writes it behind `prefix`, such as `a/`. */
function gitPath(prefix: string, { path }: ManifestEntry): string {
  const whole = prefix + path;
  if (!QUOTED.test(whole)) return whole;
  const bytes = whole.replace(QUOTED_SIGNS, (sign) =>
    sign === '"' || sign === "\\" ? `\\${sign}` : octal(sign),
  );
  return `"${bytes}"`;
}

// Control characters and backslashes are in no manifest; a server may be wrong. A folder whose name ends with a space ends
// the name for older versions of Git.
const QUOTED = /["\\\p{Cc}\p{Bidi_Control}\u2028\u2029]| \//u;
const QUOTED_SIGNS = /["\\\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

function octal(sign: string): string {
  return Array.from(Buffer.from(sign), (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}

function headerLines(patch: FilePatch): readonly string[] {
  const { before, after, kind } = patch.change;
  const some = after ?? before;
  if (some === null) return [];
  const lines = [`diff --git ${gitPath("a/", before ?? some)} ${gitPath("b/", some)}`];
  if (before === null) lines.push(`new file mode ${modeOf(some)}`);
  else if (after === null) lines.push(`deleted file mode ${modeOf(before)}`);
  else if (modeOf(before) !== modeOf(after)) {
    lines.push(`old mode ${modeOf(before)}`, `new mode ${modeOf(after)}`);
  }
  if (kind === "renamed") {
    lines.push("similarity index 100%");
    lines.push(`rename from ${gitPath("", before ?? some)}`, `rename to ${gitPath("", some)}`);
  }
  const old = before === null ? "/dev/null" : gitPath("a/", before);
  const young = after === null ? "/dev/null" : gitPath("b/", after);
  if (patch.without !== null) lines.push(`Binary files ${old} and ${young} differ`);
  else if ((patch.hunks ?? []).length > 0) {
    lines.push(`--- ${old}${tabBehind(old)}`, `+++ ${young}${tabBehind(young)}`);
  }
  return lines;
}

/** Without it, `patch` takes a name with a space for a name and a date. */
function tabBehind(name: string): string {
  return name.includes(" ") ? "\t" : "";
}

function modeOf(entry: ManifestEntry): string {
  if (entry.kind === "symlink") return "120000";
  return entry.executable ? "100755" : "100644";
}

function hunkLines({ before, after, lines }: Hunk, look: PatchLook): readonly string[] {
  const head = `@@ -${rangeText(before)} +${rangeText(after)} @@`;
  return [look.palette.dim(head), ...lines.flatMap((line) => lineTexts(line, look))];
}

function rangeText({ start, count }: Hunk["before"]): string {
  return count === 1 ? String(start) : `${start},${count}`;
}

function lineTexts(line: HunkLine, { palette, isTerminal }: PatchLook): readonly string[] {
  const { sign, paint } = {
    same: { sign: " ", paint: null },
    removed: { sign: "-", paint: palette.bad },
    added: { sign: "+", paint: palette.good },
  }[line.kind];
  const whole = sign + (isTerminal ? visibleText(line.text) : line.text);
  const shown = paint === null ? whole : paint(whole);
  return line.isUnended ? [shown, String.raw`\ No newline at end of file`] : [shown];
}
