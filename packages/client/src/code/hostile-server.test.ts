// Tests of a server that gives back something else than code: nothing of it is written, and nothing outside the folder.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FetchmlError, manifestText, SERVER_HEADER, type ManifestEntry } from "@fetchml/protocol";
import { testPace } from "../connection/test-pace.fixture.ts";
import { entriesOf, serveCode, sha256, type CodeScript } from "./code-server.fixture.ts";
import { giveCodeBack, type CodeWanted } from "./give-back.ts";
import { fetchManifest } from "./job-manifest.ts";
import { laptopNameProblem } from "./laptop-names.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-hostile-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function refusal(script: CodeScript & { text?: string }, wanted: Partial<CodeWanted> = {}) {
  await using server = await serveCode({ "a.txt": "aaa", "b.txt": "bbb" }, script);
  const given = giveCodeBack(server.endpoint, {
    jobId: 12,
    snapshot: server.snapshot,
    target: join(folder, "out"),
    force: true,
    allowsGit: false,
    // Where other names count, too.
    platform: "darwin",
    pace: testPace(),
    ...wanted,
  });
  const error: unknown = await given.catch((cause: unknown) => cause);
  if (error instanceof FetchmlError) return error;
  throw new Error(`not a FetchmlError: ${String(error)}`);
}

const file = (path: string, changes: object = {}): ManifestEntry => ({
  kind: "file",
  path,
  size_bytes: 3,
  hash: sha256("aaa"),
  executable: false,
  ...changes,
});
const link = (path: string, target: string): ManifestEntry => ({ kind: "symlink", path, target });
const text = (...entries: ManifestEntry[]) => manifestText({ version: 1, entries });

describe("giveCodeBack()", () => {
  const manifests: Readonly<Record<string, string>> = {
    "..": text(file("../x")),
    "a path through ..": text(file("a/../../x")),
    "an absolute path": text(file("/tmp/x")),
    "a NUL": text(file("a\0b")),
    "a backslash": text(file("..\\x")),
    "a control character": text(file("a\u001B[2Jb")),
    "an overlong name": text(file("x".repeat(256))),
    "an overlong path": text(file(`${"x/".repeat(2050)}x`)),
    "a path below a link": text(link("l", "d"), file("l/x")),
    "a path below a file": text(file("f"), file("f/x")),
    "a link out": text(link("l", "../../x")),
    "an absolute link": text(link("l", "/etc/passwd")),
    "a link out through a link": text(link("a", "b/c"), link("d", "a/../../../x")),
    "a path twice": text(file("a"), file("a")),
    "paths out of order": text(file("b"), file("a")),
    "names that are one on a Mac": text(file("A"), file("a")),
    "a hash that is a path": text(file("a", { hash: "../../../../etc/passwd" })),
    "a size below nothing": text(file("a", { size_bytes: -1 })),
    "two sizes of one content": text(file("a"), file("b", { size_bytes: 4 })),
    "another kind of thing": text(file("a")).replace('"file"', '"device"'),
    "another version": text(file("a")).replace('"version":1', '"version":2'),
    "another spelling": JSON.stringify(JSON.parse(text(file("a"))), null, 1),
    "more fields": text(file("a")).replace('"kind"', '"mode":511,"kind"'),
    "no JSON": "<html>",
    "a list": "[]",
    nothing: "",
    "Git's own folder": text(file(".git/config")),
    "a bare repository": text(file("HEAD"), file("config"), file("objects/x"), file("refs/x")),
    "a deep bare repository under other names": text(
      file("a/Objects/x"),
      link("a/REFS", "Objects"),
      file("a/head"),
    ),
    "a deep folder of Git's": text(file("a/.git/hooks/post-checkout", { executable: true })),
  };

  for (const [name, manifest] of Object.entries(manifests)) {
    test(`refuses a list of files with ${name}, and writes nothing`, async () => {
      const error = await refusal({ text: manifest });
      expect(error.code).toBe("bad-content");
      expect(error.message.split("\n").length).toBeLessThanOrEqual(3);
      expect(readdirSync(folder)).toEqual([]);
    });
  }

  test("refuses a list that is not the job's own", async () => {
    expect((await refusal({}, { snapshot: "0".repeat(64) })).code).toBe("bad-content");
    expect((await refusal({}, { snapshot: null })).code).toBe("bad-content");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("refuses content that does not match its hash or its size, and keeps nothing of it", async () => {
    const tampers: readonly CodeScript["tamper"][] = [
      (content, hash) => (hash === sha256("bbb") ? new TextEncoder().encode("BBB") : content),
      (content, hash) => (hash === sha256("bbb") ? new Uint8Array(4) : content),
    ];
    for (const tamper of tampers) {
      if (tamper === undefined) continue;
      expect((await refusal({ tamper })).code).toBe("bad-content");
      expect(readdirSync(join(folder, "out"))).toEqual(["a.txt"]);
    }
  });

  test("gives up on a server that never sends all it was asked for", async () => {
    const tamper = (content: Uint8Array, hash: string) => (hash === sha256("bbb") ? null : content);
    const { code, message } = await refusal({ tamper });
    expect(code).toBe("unreachable");
    expect(message).toContain("the same command goes on from there");
    expect(readdirSync(join(folder, "out"))).toEqual(["a.txt"]);
  });

  test("refuses a file that was not asked for", async () => {
    const { [0]: a } = entriesOf({ "a.txt": "aaa" });
    expect(a?.kind).toBe("file");
    let isFirst = true;
    const before = (request: Request) => {
      if (!request.url.endsWith("/blobs") || !isFirst) return undefined;
      isFirst = false;
      return new Response(new Uint8Array(60), { headers: { [SERVER_HEADER]: "9" } });
    };
    expect((await refusal({ before })).code).toBe("bad-content");
    expect(readdirSync(join(folder, "out"))).toEqual([]);
  });

  test("passes on what the server says, and asks no further", async () => {
    let requests = 0;
    const before = (request: Request) => {
      if (!request.url.endsWith("/blobs")) return undefined;
      requests += 1;
      const error = { message: "The content is gone.", data: { code: "snapshot-missing" } };
      return Response.json({ error }, { status: 409, headers: { [SERVER_HEADER]: "9" } });
    };
    const error = await refusal({ before });
    expect([error.code, error.message, requests]).toEqual([
      "snapshot-missing",
      "The content is gone.",
      1,
    ]);
    expect(existsSync(join(folder, "out/.ml-code.part"))).toBe(false);
  });
});

describe("fetchManifest()", () => {
  test("gives what was queued, to the byte", async () => {
    await using server = await serveCode({ x: "1", "y/z": { exec: "2" }, l: { link: "x" } });
    const code = { jobId: 12, snapshot: server.snapshot };
    expect(await fetchManifest(server.endpoint, code)).toEqual(server.manifest);
  });
});

describe("laptopNameProblem()", () => {
  const cases = [
    ["a/b.txt", [null, null, null]],
    [".github/x", [null, null, null]],
    [".gitignore", [null, null, null]],
    [".git/config", ["bad", "bad", "bad"]],
    ["a/.git", ["bad", "bad", "bad"]],
    [".GIT/config", [null, "bad", "bad"]],
    [".g\u200Cit/config", [null, "bad", null]],
    ["GIT~1/config", [null, null, "bad"]],
    [".git ./config", [null, null, "bad"]],
    ["a:stream", [null, null, "bad"]],
    ["what?", [null, null, "bad"]],
    ["con", [null, null, "bad"]],
    ["a/LPT1.txt", [null, null, "bad"]],
    ["console", [null, null, null]],
    ["dot.", [null, null, "bad"]],
  ] as const;
  for (const [path, expected] of cases) {
    test(`judges ${JSON.stringify(path)} as each system takes it`, () => {
      const judged = ["linux", "darwin", "win32"].map((platform) =>
        laptopNameProblem(path, platform) === null ? null : "bad",
      );
      expect(judged).toEqual([...expected]);
    });
  }
});
