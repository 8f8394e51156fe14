// The few words of roff that manual pages are written in; see man(7).

/** Text as roff takes it: nothing in it is a request or an escape, and what is not ASCII is named by number. */
export function escapeRoff(text: string): string {
  const plain = text
    .replaceAll("\\", String.raw`\e`)
    .replaceAll("-", String.raw`\-`)
    .replaceAll("'", String.raw`\(aq`)
    .replaceAll("`", String.raw`\(ga`)
    .replaceAll("^", String.raw`\(ha`)
    .replaceAll("~", String.raw`\(ti`)
    .replaceAll(/[^\n -~]/gu, (char) => `\\[u${codeOf(char)}]`);
  return plain.replaceAll(/^\./gm, String.raw`\&.`);
}

/** A heading in capitals. */
export function section(title: string): string {
  return `.SH ${quoted(title.toUpperCase())}`;
}

/** A heading below a section's. */
export function subsection(title: string): string {
  return `.SS ${quoted(title)}`;
}

/** A paragraph that is filled; line feeds in it are spaces. */
export function paragraph(text: string): string {
  return `.PP\n${escapeRoff(text.replaceAll("\n", " "))}`;
}

/** Lines that stay as they are. */
export function literal(lines: readonly string[]): string {
  return `.PP\n.RS 4\n.nf\n${lines.map(escapeRoff).join("\n")}\n.fi\n.RE`;
}

/** A term in bold, and below it what it means. */
export function entry(term: string, meaning: string): string {
  return `.TP\n\\fB${escapeRoff(term)}\\fR\n${escapeRoff(meaning)}`;
}

function codeOf(char: string): string {
  return (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}

function quoted(text: string): string {
  return `"${escapeRoff(text).replaceAll('"', String.raw`\(dq`)}"`;
}
