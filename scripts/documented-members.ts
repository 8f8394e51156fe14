// Reads the members of a declaration with the comment above each, for pages that are made from the code.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync, Visitor, type ParseResult } from "oxc-parser";
import { projectRoot } from "./project-files.ts";

/** A member and what its comment says. */
export interface DocumentedMember {
  readonly name: string;
  /** On one line, links taken off; empty where there is no comment. */
  readonly doc: string;
}

/**
 * Members of the first object, list of texts or interface in what a file declares under a name, in its order.
 * @throws Error when the file declares no such thing: then the page's maker is out of date
 */
export function documentedMembers(path: string, name: string): readonly DocumentedMember[] {
  const text = readFileSync(join(projectRoot, path), "utf8");
  const parsed = parseSync(path, text);
  const found = membersOf(parsed, name);
  if (found.length === 0) throw new Error(`${path} declares no members of ${name}`);
  return found.map(({ name: member, start }) => ({
    name: member,
    doc: docBefore(parsed, text, start),
  }));
}

interface Member {
  readonly name: string;
  readonly start: number;
}

function membersOf(parsed: ParseResult, name: string): readonly Member[] {
  let range: readonly [number, number] | null = null;
  let members: readonly Member[] | null = null;
  const isInside = (node: { readonly start: number; readonly end: number }) =>
    range !== null && members === null && node.start >= range[0] && node.end <= range[1];
  new Visitor({
    VariableDeclarator: (node) => {
      if (node.id.type === "Identifier" && node.id.name === name) range = [node.start, node.end];
    },
    TSInterfaceDeclaration: (node) => {
      if (node.id.name === name) members = node.body.body.flatMap(memberOf);
    },
    ObjectExpression: (node) => {
      if (isInside(node)) members = node.properties.flatMap(memberOf);
    },
    ArrayExpression: (node) => {
      if (!isInside(node)) return;
      members = node.elements.flatMap((each) =>
        each?.type === "Literal" && typeof each.value === "string"
          ? [{ name: each.value, start: each.start }]
          : [],
      );
    },
  }).visit(parsed.program);
  return members ?? [];
}

function memberOf(node: {
  readonly type: string;
  readonly start: number;
  readonly key?: object;
}): readonly Member[] {
  const { key } = node;
  if (key === undefined || !("name" in key) || typeof key.name !== "string") return [];
  return [{ name: key.name, start: node.start }];
}

function docBefore({ comments }: ParseResult, text: string, start: number): string {
  const comment = comments.findLast(
    ({ type, value, end }) =>
      type === "Block" &&
      value.startsWith("*") &&
      end <= start &&
      text.slice(end, start).trim() === "",
  );
  return (comment?.value ?? "")
    .replace(/^\*/, "")
    .replaceAll(/\n\s*\*/g, " ")
    .replaceAll(/\{@link ([^}]*)\}/g, "$1")
    .replaceAll(/\s+/g, " ")
    .trim();
}
