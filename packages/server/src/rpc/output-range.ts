// Which bytes of a file a request wants (RFC 9110, sections 13 and 14).

/** What to answer. Offsets count bytes from 0; `end` is the first byte that is not sent. */
export type WantedBytes =
  | { readonly kind: "whole" }
  | { readonly kind: "part"; readonly start: number; readonly end: number }
  /** Nothing of what is wanted is in the file: status 416. */
  | { readonly kind: "beyond" }
  /** The file is no longer the one that is wanted: status 412. */
  | { readonly kind: "changed" };

/**
 * Reads `If-Match`, `Range` and `If-Range`. One range is obeyed; several, another unit and what is malformed are answered with
 * the whole file, as the standard allows. A weak tag never fits, whichever side has it.
 */
export function wantedBytes(
  headers: Headers,
  file: { readonly sizeBytes: number; readonly etag: string },
): WantedBytes {
  const ifMatch = headers.get("if-match");
  if (ifMatch !== null && ifMatch.trim() !== "*" && !tagsOf(ifMatch).some(fits(file.etag))) {
    return { kind: "changed" };
  }
  const ifRange = headers.get("if-range");
  if (ifRange !== null && !fits(file.etag)(ifRange.trim())) return { kind: "whole" };
  return rangeOf(headers.get("range"), file.sizeBytes);
}

function tagsOf(header: string): readonly string[] {
  return header.match(/(?:W\/)?"[^"]*"/g) ?? [];
}

function fits(etag: string): (tag: string) => boolean {
  return (tag) => !etag.startsWith("W/") && tag === etag;
}

function rangeOf(header: string | null, sizeBytes: number): WantedBytes {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? "") ?? [];
  if (first === undefined || last === undefined || first + last === "") return { kind: "whole" };
  if (first === "") {
    const start = Math.max(0, sizeBytes - Number(last));
    return start < sizeBytes ? { kind: "part", start, end: sizeBytes } : { kind: "beyond" };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return { kind: "whole" };
  if (start >= sizeBytes) return { kind: "beyond" };
  return {
    kind: "part",
    start,
    end: last === "" ? sizeBytes : Math.min(Number(last) + 1, sizeBytes),
  };
}
