// Finds what a file declares and exports without a TSDoc comment right above it.

import type { ParseResult } from "oxc-parser";

/**
 * Names of the exported declarations without a TSDoc comment. Of overloads, and of a schema and its type, one has it;
 * re-exports need none.
 */
export function findUndocumented(
  { program, comments }: ParseResult,
  text: string,
): readonly string[] {
  const ends = comments
    .filter(({ type, value }) => type === "Block" && value.startsWith("*"))
    .map(({ end }) => end);
  const isDocumented = (start: number) =>
    ends.some((end) => end <= start && text.slice(end, start).trim() === "");
  const documented = new Set<string>();
  const exported = new Set<string>();
  for (const node of program.body) {
    if (node.type !== "ExportNamedDeclaration" || node.declaration === null) continue;
    for (const name of declaredNames(node.declaration)) {
      exported.add(name);
      if (isDocumented(node.start)) documented.add(name);
    }
  }
  return [...exported].filter((name) => !documented.has(name));
}

type Declaration = NonNullable<
  Extract<ParseResult["program"]["body"][number], { type: "ExportNamedDeclaration" }>["declaration"]
>;

function declaredNames(declaration: Declaration): readonly string[] {
  if (declaration.type === "VariableDeclaration") {
    return declaration.declarations.flatMap(({ id }) => (id.type === "Identifier" ? id.name : []));
  }
  const id = "id" in declaration ? declaration.id : null;
  return id?.type === "Identifier" ? [id.name] : [];
}
