// Tests of what the `ml` executable loads, and when: start-up is its most noticed property.
import { beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";

interface Chunk {
  /** The sources it is made of. */
  readonly sources: readonly string[];
  /** Chunks, by path, and modules of the runtime, by name, that it imports at once. */
  readonly imports: readonly string[];
  readonly entryPoint: string | undefined;
  /** Of its text, which is not minified here, without comments. */
  readonly bytes: number;
}

const chunks = new Map<string, Chunk>();

beforeAll(async () => {
  const { success, outputs, metafile } = await Bun.build({
    entrypoints: [join(import.meta.dir, "main.ts")],
    target: "bun",
    format: "esm",
    splitting: true,
    metafile: true,
  });
  expect(success).toBe(true);
  for (const output of outputs) {
    const facts = metafile?.outputs[output.path];
    const text = await output.text();
    const imports = Array.from(text.matchAll(/^(?:import|\}) [^;]*?from "([^"]+)";$/gm));
    chunks.set(output.path, {
      sources: Object.keys(facts?.inputs ?? {}),
      imports: imports.flatMap(([, name]) => name ?? []),
      entryPoint: facts?.entryPoint,
      bytes: facts?.bytes ?? 0,
    });
  }
});

/** The sources, and the modules of the runtime, that are loaded along with a source. */
function loadedBy(source: string): ReadonlySet<string> {
  const loaded = new Set<string>();
  for (const path of chunksOf(source)) {
    const chunk = chunks.get(path);
    if (chunk === undefined) loaded.add(path);
    for (const input of chunk?.sources ?? []) loaded.add(input);
  }
  return loaded;
}

/** The chunks, and the modules of the runtime, that are loaded along with a source. */
function chunksOf(source: string): readonly string[] {
  const wanted = [...chunks.keys()].filter((path) =>
    chunks.get(path)?.entryPoint?.endsWith(source),
  );
  expect(wanted).toHaveLength(1);
  for (const path of wanted) {
    for (const target of chunks.get(path)?.imports ?? []) {
      if (!wanted.includes(target)) wanted.push(target);
    }
  }
  return wanted;
}

/** What a command costs to load: `main.ts`, its own file, and all that these import at once. */
function loadOf(command: string) {
  const paths = new Set([
    ...chunksOf("cli/src/main.ts"),
    ...(command === "" ? [] : chunksOf(`commands/${command}.ts`)),
  ]);
  const loaded = [...paths].flatMap((path) => chunks.get(path) ?? []);
  return {
    kilobytes: Math.ceil(loaded.reduce((sum, { bytes }) => sum + bytes, 0) / 1000),
    modules: new Set(loaded.flatMap(({ sources }) => sources)).size,
  };
}

// Measured: util 1 ms, tty 2 ms.
const SLOW_MODULES = ["util", "tty", "stream", "child_process", "readline", "http", "net"];

describe("the executable", () => {
  test("holds no zod: 2 to 6 ms of start-up for checks that the server makes anyway", () => {
    const sources = [...chunks.values()].flatMap((chunk) => chunk.sources);
    expect(sources.filter((path) => path.includes("/zod/"))).toEqual([]);
    expect(sources.filter((path) => path.endsWith("/fetchml-error.ts"))).toHaveLength(1);
  });

  test("loads no command's code before it is called", () => {
    const loaded = [...loadedBy("cli/src/main.ts")];
    expect(loaded.filter((path) => path.includes("cli/src/commands/"))).toEqual([]);
    expect(loaded.filter((path) => /smol-toml|packages\/client/.test(path))).toEqual([]);
    expect(loaded).toContain("fs");
  });

  test("loads the library that compares texts for ml diff alone", () => {
    const isLibrary = (path: string) => path.includes("node_modules/diff/");
    for (const command of ["queue", "status", "code", "redo"]) {
      expect([...loadedBy(`commands/${command}.ts`)].filter(isLibrary)).toEqual([]);
    }
    expect([...loadedBy("commands/diff.ts")].some(isLibrary)).toBe(true);
  });

  test("runs ml status without the code for projects and without slow modules of the runtime", () => {
    const loaded = [...loadedBy("cli/src/main.ts"), ...loadedBy("commands/status.ts")];
    expect(loaded.filter((path) => path.includes("client/src/project/"))).toEqual([]);
    expect(loaded.some((path) => path.includes("smol-toml"))).toBe(true);
    expect(loaded.filter((path) => path.endsWith("connection/connection.ts"))).toEqual([]);
    for (const name of [...SLOW_MODULES, "path"]) expect(loaded).not.toContain(name);
  });

  test("runs ml queue in an unchanged project without the code that reads, walks and sends one", () => {
    const loaded = [...loadedBy("cli/src/main.ts"), ...loadedBy("commands/queue.ts")];
    const working =
      /\/(?:walk|hash-file|project-tree|git-status|upload|print-queue|progress-bar)\.ts$/;
    expect(loaded.filter((path) => working.test(path))).toEqual([]);
    expect(loaded.some((path) => path.endsWith("project/freeze.ts"))).toBe(true);
    for (const name of [...SLOW_MODULES, "fs/promises"]) expect(loaded).not.toContain(name);
  });
});

describe("the budget of what is loaded", () => {
  // Each module and each kilobyte is time before the first word. Make room before you raise a number.
  test.each([
    { command: "", kilobytes: 64, modules: 40 },
    { command: "status", kilobytes: 160, modules: 89 },
    { command: "list", kilobytes: 160, modules: 89 },
    { command: "logs", kilobytes: 175, modules: 100 },
    { command: "queue", kilobytes: 210, modules: 127 },
  ])("holds for ml $command", ({ command, kilobytes, modules }) => {
    const load = loadOf(command);
    expect(load.kilobytes).toBeLessThanOrEqual(kilobytes);
    expect(load.modules).toBeLessThanOrEqual(modules);
    // A source that is looked for under another name loads nothing.
    expect(load.modules).toBeGreaterThan(30);
  });
});
