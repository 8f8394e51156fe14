// Shows for every rule of the floors a tree that breaks it and a tree that keeps it.

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkFloors } from "./check-floors.ts";
import { floorTables, partBetweenMarkers } from "./floor-rules/floor-tables.ts";
import { projectRoot } from "./project-files.ts";

const head = "// Does one thing.\n";
const server = "packages/server/src";

/** A tree of files that each begin as they should. */
function tree(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path, head + text]));
}

function rulesBroken(files: Readonly<Record<string, string>>): readonly string[] {
  return checkFloors(files).map(({ path, rule }) => `${rule} ${path}`);
}

/** The rule's name, trees that break it in their only or first file, trees that keep it. */
const cases: readonly [
  string,
  readonly Record<string, string>[],
  readonly Record<string, string>[],
][] = [
  [
    "package-arrow",
    [
      tree({ "packages/protocol/src/job.ts": 'import type { Rpc } from "@fetchml/client";' }),
      tree({ "packages/cli/src/main.ts": 'import "@fetchml/server";' }),
      tree({ "packages/client/src/a.ts": 'export * from "../../server/src/index.ts";' }),
      tree({ "packages/client/src/a.ts": 'type A = import("@fetchml/server").A;' }),
      tree({ "packages/client/src/a.ts": 'await import("../../../scripts/build.ts");' }),
      tree({ "e2e/road.test.ts": 'import "@fetchml/server";' }),
    ],
    [
      tree({ "packages/cli/src/main.ts": 'import { call } from "@fetchml/client";' }),
      tree({ "e2e/road.test.ts": 'import { build } from "../scripts/build.ts";' }),
      tree({ "packages/client/src/a.test.ts": 'import "../../../e2e/system-tool.ts";' }),
    ],
  ],
  [
    "package-door",
    [
      tree({ "packages/cli/src/a.ts": 'import "@fetchml/client/src/rpc.ts";' }),
      tree({ "packages/cli/src/a.ts": 'import "../../client/src/rpc.ts";' }),
      tree({ "packages/cli/src/a.ts": 'import "@fetchml/cli";' }),
    ],
    [
      tree({ "packages/cli/src/a.ts": 'import { rpc } from "@fetchml/client";' }),
      tree({ "scripts/docs.ts": 'import "../packages/protocol/src/methods.ts";' }),
    ],
  ],
  [
    "room-arrow",
    [
      tree({ [`${server}/domain/a.ts`]: 'import type { Row } from "../store/row.ts";' }),
      tree({ [`${server}/rpc/a.ts`]: 'import "../store/row.ts";' }),
      tree({ [`${server}/queue/a.test.ts`]: 'import "../scheduler/wake.ts";' }),
      tree({ [`${server}/main.ts`]: 'import "./store/row.ts";' }),
    ],
    [
      tree({ [`${server}/queue/a.ts`]: 'import "../store/row.ts";' }),
      tree({ [`${server}/rpc/a.test.ts`]: 'import "../store/row.ts";' }),
      tree({ [`${server}/commands/a.ts`]: 'import "../rpc/row.ts";' }),
    ],
  ],
  [
    "room",
    [tree({ [`${server}/cellar/a.ts`]: "" }), tree({ [`${server}/a.ts`]: "" })],
    [tree({ [`${server}/main.ts`]: 'import "./commands/serve.ts";' })],
  ],
  [
    "test-code",
    [tree({ [`${server}/queue/a.ts`]: 'import "./b.fixture.ts";' })],
    [tree({ [`${server}/queue/a.test.ts`]: 'import "./b.fixture.ts";' })],
  ],
  [
    "file-ending",
    [tree({ "packages/cli/src/a.ts": 'import "./b";' })],
    [tree({ "packages/cli/src/a.ts": 'import "./b.ts";' })],
  ],
  [
    "import-cycle",
    [
      tree({
        "packages/cli/src/a.ts": 'import type { B } from "./b.ts";',
        "packages/cli/src/b.ts": 'export { c } from "./c.ts";',
        "packages/cli/src/c.ts": 'const a = import("./a.ts");',
      }),
      tree({ "packages/cli/src/a.ts": 'import "./a.ts";' }),
    ],
    [
      tree({
        "packages/cli/src/a.ts": 'import "./b.ts";\nimport "./c.ts";',
        "packages/cli/src/b.ts": 'import "./c.ts";',
        "packages/cli/src/c.ts": "",
      }),
    ],
  ],
  [
    "file-length",
    [tree({ "e2e/long.test.ts": "//\n".repeat(300) }), { "deploy/a.sh": ":\n".repeat(301) }],
    [tree({ "e2e/long.test.ts": "//\n".repeat(299) }), { "deploy/a.sh": ":\n".repeat(300) }],
  ],
  [
    "empty-name",
    [tree({ "e2e/test-helper.ts": "" }), tree({ "packages/cli/src/Utils/a.ts": "" })],
    [tree({ "e2e/scores.ts": "" }), tree({ "packages/cli/src/database.ts": "" })],
  ],
  [
    "index-file",
    [tree({ [`${server}/queue/index.ts`]: "" }), tree({ "scripts/index.ts": "" })],
    [tree({ [`${server}/index.ts`]: "" })],
  ],
  [
    "first-line",
    [
      { "scripts/a.ts": 'import "./b.ts";\n' },
      { [`${server}/store/0001.sql`]: "CREATE TABLE a (b) STRICT;\n" },
    ],
    [tree({ "scripts/a.ts": "" }), { [`${server}/store/0001.sql`]: "-- Compatible.\n" }],
  ],
  [
    "stopped-loop",
    [
      tree({ "scripts/a.test.ts": "await expect(work()).rejects.toThrow();" }),
      tree({ "scripts/a.test.ts": "expect(work).resolves.toBe(1);" }),
    ],
    [tree({ "scripts/a.test.ts": "expect(await work().catch(String)).toBe('no');" })],
  ],
  [
    "default-export",
    [
      tree({ "scripts/a.ts": "export default 1;" }),
      tree({ "scripts/a.ts": "const a = 1;\nexport { a as default };" }),
    ],
    [
      tree({ "scripts/a.ts": "const text = 'export default 1';" }),
      tree({ "text.d.ts": 'declare module "*.sql" { const t: string; export default t; }' }),
    ],
  ],
  [
    "export-docs",
    [
      tree({ "scripts/a.ts": "export function a() {}" }),
      tree({ "scripts/a.ts": "/** One. */\nexport const a = 1;\nexport type B = 1;" }),
      tree({ "scripts/a.ts": "/* Not TSDoc. */\nexport class A {}" }),
    ],
    [
      tree({
        "scripts/a.ts": "/** Does it. */\nexport function a(): void;\nexport function a() {}",
      }),
      tree({ "scripts/a.ts": "export type A = 1;\n/** A one. */\nexport const A = 1;" }),
      tree({ "scripts/a.test.ts": "export interface A {}" }),
      tree({ "scripts/a.ts": 'const b = 1;\nexport { b };\nexport { c } from "./c.ts";' }),
    ],
  ],
  ["syntax", [tree({ "scripts/a.ts": "const = 1;" })], [tree({ "scripts/a.ts": "" })]],
];

describe("checkFloors()", () => {
  for (const [rule, bad, good] of cases) {
    for (const [number, files] of bad.entries()) {
      test(`complains of ${rule} in bad tree ${number + 1}`, () => {
        expect(rulesBroken(files)).toEqual([`${rule} ${Object.keys(files)[0]}`]);
      });
    }
    for (const [number, files] of good.entries()) {
      test(`finds nothing for ${rule} in good tree ${number + 1}`, () => {
        expect(rulesBroken(files)).toEqual([]);
      });
    }
  }

  test("names the file, what is wrong and what to do", () => {
    const [complaint] = checkFloors(tree({ [`${server}/domain/a.ts`]: 'import "../store/b.ts";' }));
    expect(complaint?.problem).toBe("domain imports store, but may import nothing");
    expect(complaint?.remedy).toStartWith("Have what you need handed in");
  });

  test("tells the whole way round a cycle", () => {
    const files = tree({ "e2e/a.ts": 'import "./b.ts";', "e2e/b.ts": 'import "./a.ts";' });
    expect(checkFloors(files)[0]?.problem).toBe("e2e/a.ts → e2e/b.ts → e2e/a.ts");
  });
});

describe("ARCHITECTURE.md", () => {
  test("shows the tables of scripts/floors.ts between its markers", async () => {
    const document = readFileSync(join(projectRoot, "ARCHITECTURE.md"), "utf8");
    expect(partBetweenMarkers(document)).toBe(await floorTables());
  });

  test("partBetweenMarkers() refuses a document without markers", () => {
    expect(() => partBetweenMarkers("# Floors\n")).toThrow("<!-- floors -->");
    expect(() => partBetweenMarkers("<!-- /floors -->\n<!-- floors -->")).toThrow("followed by");
  });
});
