// Reads one source file into what the floor rules ask about: its imports, its outside accesses, its shape.

import { dirname, join, normalize } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { findUndocumented } from "./export-docs.ts";
import type { Expression, ParseResult, StringLiteral, VariableDeclarator } from "oxc-parser";

/** An import as it stands in a file, type imports, re-exports, `import()` and `new URL()` included. */
export interface ImportArrow {
  /** The text between the quotes. */
  readonly specifier: string;
  /** For a relative import the file it means, relative to the project's root; else undefined. */
  readonly target: string | undefined;
}

/** What the rules know of one file. */
export interface SourceFile {
  readonly path: string;
  readonly lineCount: number;
  readonly firstLine: string;
  readonly imports: readonly ImportArrow[];
  /** Globals it uses: `process.env`, `Bun.spawn`, `fetch()` for a call, `new Date()` for one without arguments, `expect().rejects`. */
  readonly globals: ReadonlySet<string>;
  readonly hasDefaultExport: boolean;
  /** Names of what it declares and exports without a TSDoc comment right above. */
  readonly undocumented: readonly string[];
  /** What the parser could not read; undefined when it read everything. */
  readonly parseError: string | undefined;
}

/** Reads a file; only `.ts` and `.tsx` are parsed, others have no imports. `path` is relative to the project's root. */
export function readSourceFile(path: string, text: string): SourceFile {
  const lines = text.replace(/\n$/, "").split("\n");
  const shape = { path, lineCount: lines.length, firstLine: lines[0] ?? "" };
  if (!/\.tsx?$/.test(path)) {
    return {
      ...shape,
      imports: [],
      globals: new Set(),
      hasDefaultExport: false,
      undocumented: [],
      parseError: undefined,
    };
  }
  const parsed = parseSync(path, text);
  const found = visit(parsed);
  const exports = parsed.module.staticExports.flatMap(({ entries }) => entries);
  return {
    ...shape,
    imports: [...found.specifiers].map((specifier) => ({
      specifier,
      target: resolve(path, specifier),
    })),
    globals: found.globals,
    hasDefaultExport:
      found.hasDefault || exports.some(({ exportName }) => exportName.name === "default"),
    undocumented: findUndocumented(parsed, text),
    parseError: parsed.errors[0]?.message,
  };
}

function resolve(from: string, specifier: string): string | undefined {
  return specifier.startsWith(".") ? normalize(join(dirname(from), specifier)) : undefined;
}

/** Modules that give by name what is else reached through a global. */
const globalModules = new Map([
  ["bun", "Bun"],
  ["node:process", "process"],
  ["process", "process"],
]);

interface Found {
  readonly specifiers: ReadonlySet<string>;
  readonly globals: ReadonlySet<string>;
  readonly hasDefault: boolean;
}

function visit(parsed: ParseResult): Found {
  let hasDefault = false;
  const specifiers = new Set<string>();
  const globals = new Set<string>();
  const addSource = ({ source }: { readonly source: Expression | StringLiteral | null }) => {
    const value = literal(source);
    if (value !== undefined) specifiers.add(value);
  };
  const visitor = new Visitor({
    ImportDeclaration: (node) => {
      addSource(node);
      const root = globalModules.get(node.source.value);
      for (const part of node.specifiers) {
        if (root !== undefined && part.type === "ImportSpecifier") {
          const { imported } = part;
          globals.add(`${root}.${imported.type === "Identifier" ? imported.name : imported.value}`);
        }
      }
    },
    ExportNamedDeclaration: addSource,
    ExportAllDeclaration: addSource,
    ExportDefaultDeclaration: () => {
      hasDefault = true;
    },
    ImportExpression: addSource,
    TSImportType: addSource,
    CallExpression: ({ callee, arguments: [first] }) => {
      if (callee.type !== "Identifier") return;
      globals.add(`${callee.name}()`);
      const value = callee.name === "require" ? literal(first) : undefined;
      if (value !== undefined) specifiers.add(value);
    },
    NewExpression: ({ callee, arguments: [first] }) => {
      if (callee.type !== "Identifier") return;
      if (first === undefined) globals.add(`new ${callee.name}()`);
      const value = callee.name === "URL" ? literal(first) : undefined;
      if (value?.startsWith(".")) specifiers.add(value);
    },
    MemberExpression: (node) => {
      const root = rootName(node.object);
      const member = node.computed ? literal(node.property) : nameOf(node.property);
      if (root !== undefined && member !== undefined) globals.add(`${root}.${member}`);
    },
    VariableDeclarator: (node) => {
      for (const name of destructured(node)) globals.add(name);
    },
  });
  visitor.visit(parsed.program);
  return { specifiers, globals, hasDefault };
}

function destructured({ id, init }: VariableDeclarator): string[] {
  const root = init === null ? undefined : rootName(init);
  if (root === undefined || id.type !== "ObjectPattern") return [];
  const keys = id.properties.map((part) =>
    part.type === "Property" ? nameOf(part.key) : undefined,
  );
  return keys.filter((key) => key !== undefined).map((key) => `${root}.${key}`);
}

function rootName(node: Expression | { readonly type: "Super" }): string | undefined {
  if (node.type === "MetaProperty") return "import.meta";
  if (node.type === "CallExpression" && nameOf(node.callee) === "expect") return "expect()";
  if (node.type === "MemberExpression" && nameOf(node.object) === "globalThis") {
    return nameOf(node.property);
  }
  return nameOf(node);
}

function nameOf(node: object): string | undefined {
  const isNamed = "type" in node && node.type === "Identifier" && "name" in node;
  return isNamed && typeof node.name === "string" ? node.name : undefined;
}

function literal(node: object | null | undefined): string | undefined {
  const isLiteral = node && "type" in node && node.type === "Literal" && "value" in node;
  return isLiteral && typeof node.value === "string" ? node.value : undefined;
}
