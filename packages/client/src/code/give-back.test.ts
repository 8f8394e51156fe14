// Tests of writing a job's code into a folder, over real sockets into real folders.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { testPace } from "../connection/test-pace.fixture.ts";
import {
  serveCode,
  sha256,
  type CodeScript,
  type CodeServer,
  type TreeText,
} from "./code-server.fixture.ts";
import { claimTarget } from "./claimed-target.ts";
import { giveCodeBack, type CodeWanted } from "./give-back.ts";

const TREE: TreeText = {
  README: "read me\n",
  empty: "",
  "run.sh": { exec: "#!/bin/sh\n" },
  "src/a.py": "print(1)\n",
  "src/deep/b.py": "read me\n",
  "src/deep/copy.sh": { exec: "print(1)\n" },
  "src/link": { link: "deep/b.py" },
  nowhere: { link: "not/there" },
  "ü/é\u2028 name.txt": "ünïcode\n",
};

let folder: string;
let server: CodeServer;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-code-"));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server[Symbol.asyncDispose]();
});

const serve = async (tree: TreeText, script: CodeScript & { text?: string } = {}) => {
  server = await serveCode(tree, script);
};

function give(changes: Partial<CodeWanted> = {}) {
  return giveCodeBack(server.endpoint, {
    jobId: 12,
    snapshot: server.snapshot,
    target: join(folder, "out"),
    force: false,
    allowsGit: false,
    platform: "linux",
    pace: testPace(),
    ...changes,
  });
}

async function failureOf(work: Promise<unknown>): Promise<FetchmlError> {
  const error: unknown = await work.catch((cause: unknown) => cause);
  if (error instanceof FetchmlError) return error;
  throw new Error(`not a FetchmlError: ${String(error)}`);
}

/** Everything below a folder, in the words of {@link TreeText}. */
function treeAt(root: string): TreeText {
  const found = readdirSync(root, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    found.flatMap((entry): [string, TreeText[string]][] => {
      const path = join(entry.parentPath, entry.name);
      if (entry.isDirectory()) return [];
      const name = path.slice(root.length + 1);
      if (entry.isSymbolicLink()) return [[name, { link: readlinkSync(path) }]];
      const text = readFileSync(path, "utf8");
      return [[name, (lstatSync(path).mode & 0o100) === 0 ? text : { exec: text }]];
    }),
  );
}

const out = () => join(folder, "out");

describe("giveCodeBack()", () => {
  test("gives a bare repository back where whoever asks trusts it, and says how", async () => {
    const tree = { "r/HEAD": "ref: refs/heads/x\n", "r/objects/x": "", "r/refs/x": "" };
    await serve(tree);
    expect((await failureOf(give())).message).toContain("add --allow-git");
    await give({ allowsGit: true });
    expect(treeAt(join(folder, "out"))).toEqual(tree);
  });

  test("gives the exact tree, each content fetched once", async () => {
    await serve(TREE);
    const done: number[] = [];
    const given = await give({ onProgress: (bytes, total) => done.push(bytes / total) });
    expect(treeAt(out())).toEqual(TREE);
    expect(given).toMatchObject({ entries: 9, links: 2, ready: 0, strange: [] });
    expect(server.asked.flat().toSorted()).toEqual(
      [...new Set(["read me\n", "", "#!/bin/sh\n", "print(1)\n", "ünïcode\n"])]
        .map(sha256)
        .toSorted(),
    );
    expect(done.at(-1)).toBe(1);
  });

  test("gives files the modes that every program's files get here", async () => {
    await serve(TREE);
    await give();
    writeFileSync(join(folder, "plain"), "");
    const plain = lstatSync(join(folder, "plain")).mode & 0o777;
    const executable = plain | ((plain & 0o444) >> 2);
    for (const [path, mode] of [
      ["README", plain],
      ["src/deep/b.py", plain],
      ["run.sh", executable],
      ["src/deep/copy.sh", executable],
    ] as const) {
      expect([path, lstatSync(join(out(), path)).mode & 0o777]).toEqual([path, mode]);
    }
  });

  test("writes an empty tree of a job without a project, and into an empty folder", async () => {
    await serve({});
    mkdirSync(out());
    await give({ snapshot: null });
    expect(treeAt(out())).toEqual({});
  });

  test("goes on after cuts with what lacks, and keeps nothing half-made", async () => {
    const tree = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`f${i}`, `${i} `.repeat(2000 + i)]),
    );
    // The first connection carries the manifest too.
    await serve(tree, { cutAfter: [40_000, 30_000, 100, 60_000] });
    await give();
    expect(treeAt(out())).toEqual(tree);
    expect(readdirSync(out()).filter((name) => name.startsWith("."))).toEqual([]);
    const counts = server.asked.map((hashes) => hashes.length);
    expect(counts.length).toBeGreaterThan(3);
    expect(counts.toSorted((a, b) => b - a)).toEqual(counts);
  });

  test("goes on in the folder that a killed run has left, and fetches only what lacks there", async () => {
    await serve(TREE);
    mkdirSync(join(out(), "src"), { recursive: true });
    mkdirSync(join(out(), ".ml-code.part"));
    writeFileSync(join(out(), ".ml-code.part/next"), "hal");
    writeFileSync(join(out(), "src/a.py"), "print(1)\n");
    symlinkSync("not/there", join(out(), "nowhere"));
    expect((await give()).ready).toBe(2);
    expect(treeAt(out())).toEqual(TREE);
    expect(await give()).toMatchObject({ ready: 9 });
    expect(server.asked).toHaveLength(1);
  });

  test("refuses a folder while another run writes to it", async () => {
    await serve(TREE);
    mkdirSync(out());
    const other = claimTarget(join(out(), ".ml-code.part"));
    if (typeof other === "number") throw new Error("nobody else is there");
    const refusal = await failureOf(give());
    expect(refusal.code).toBe("conflict");
    expect(refusal.message).toContain(`is writing there, process ${process.pid}`);
    expect(existsSync(other.staging)).toBe(true);
    expect(treeAt(out())).toEqual({});
    other.close();
    await give();
    expect(treeAt(out())).toEqual(TREE);
  });
});

describe("a folder with something in it", () => {
  test("is refused, by name, and stays as it is", async () => {
    await serve(TREE);
    const cases: readonly ((path: string) => void)[] = [
      () => writeFileSync(join(out(), "notes.txt"), "mine"),
      () => writeFileSync(join(out(), "README"), "read it"),
      () => mkdirSync(join(out(), "other")),
      () => symlinkSync("/etc", join(out(), "empty")),
      () => writeFileSync(join(out(), "empty"), "", { mode: 0o755 }),
      () => {
        writeFileSync(join(out(), "run.sh"), "#!/bin/sh\n");
        chmodSync(join(out(), "run.sh"), 0o644);
      },
    ];
    for (const fill of cases) {
      mkdirSync(out());
      fill(out());
      const before = treeAt(out());
      const error = await failureOf(give());
      expect(error.code).toBe("bad-file");
      expect(error.message).toContain("--force");
      expect(treeAt(out())).toEqual(before);
      rmSync(out(), { recursive: true });
    }
    expect(server.asked).toEqual([]);
  });

  test("is written over with force, but for what is not of the code", async () => {
    await serve(TREE);
    mkdirSync(join(out(), "src"), { recursive: true });
    writeFileSync(join(out(), "notes.txt"), "mine");
    writeFileSync(join(out(), "README"), "read it");
    writeFileSync(join(out(), "nowhere"), "a file");
    symlinkSync("/etc/passwd", join(out(), "src/a.py"));
    const given = await give({ force: true });
    expect(given.strange).toEqual(["notes.txt"]);
    expect(treeAt(out())).toEqual({ ...TREE, "notes.txt": "mine" });
  });

  test("is never written through a link, nor over a folder, with force or without", async () => {
    await serve(TREE);
    const elsewhere = join(folder, "elsewhere");
    mkdirSync(elsewhere);
    for (const force of [false, true]) {
      for (const block of [
        () => symlinkSync(elsewhere, join(out(), "src")),
        () => writeFileSync(join(out(), "src"), "a file"),
        () => mkdirSync(join(out(), "README")),
      ]) {
        mkdirSync(out());
        block();
        const error = await failureOf(give({ force }));
        expect(error.code).toBe("bad-file");
        expect(error.message).toContain("in the way");
        rmSync(out(), { recursive: true });
      }
    }
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test("may be a link itself, where the user says so", async () => {
    await serve(TREE);
    mkdirSync(join(folder, "real"));
    symlinkSync("real", out());
    await give();
    expect(treeAt(join(folder, "real"))).toEqual(TREE);
  });

  test("that is a file, or below one, is refused in words", async () => {
    await serve(TREE);
    writeFileSync(out(), "");
    for (const target of [out(), join(out(), "below")]) {
      expect((await failureOf(give({ target }))).code).toBe("bad-file");
    }
  });

  test.skipIf(process.platform !== "linux")(
    "that nobody can make is refused in words, with what to do",
    async () => {
      await serve(TREE);
      const { code, message } = await failureOf(give({ target: "/proc/none" }));
      expect([code, message]).toEqual([
        "bad-file",
        "Cannot write to /proc/none: that folder cannot be made, or is there no more.\nName another folder with -o DIR.",
      ]);
    },
  );

  test("stays usable where the tree has the name of what is not yet whole", async () => {
    const tree = { ".ML-code.part/x": "1", ".ml-code.part~": "2" };
    await serve(tree);
    await give();
    expect(treeAt(out())).toEqual(tree);
    expect(existsSync(join(out(), ".ml-code.part~~"))).toBe(false);
  });
});
