// The paths that keep a project from being sent, each with the line that leaves it out; shown below the error's message.
import type { FetchmlError } from "@fetchml/protocol";
import { plainText } from "./plain-text.ts";
import { tableLines } from "./table.ts";

/** More are only counted. */
const MOST_SHOWN = 10;

/**
 * An empty line and a table, ended by a line feed; empty for all other errors, and where there is only one path, which the
 * message names.
 */
export function refusedPaths({ code, details }: FetchmlError): string {
  const [paths, reasons, lines] = [details["paths"], details["reasons"], details["ignore_lines"]];
  if (code !== "bad-project" || !isTexts(paths) || !isTexts(reasons) || !isTexts(lines)) return "";
  if (paths.length < 2) return "";
  const rows = paths
    .slice(0, MOST_SHOWN)
    .map((path, place) =>
      [path, reasons[place] ?? "", lines[place] ?? ""].map((text) => plainText(text)),
    );
  const columns = [{ title: "PATH" }, { title: "WHY" }, { title: "LINE FOR .mlignore" }];
  const table = tableLines({ columns, rows, width: Infinity, paintTitles: (title) => title });
  const { count } = details;
  const rest = (typeof count === "number" ? count : paths.length) - rows.length;
  return `\n${table}${rest > 0 ? `and ${rest} more\n` : ""}`;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
