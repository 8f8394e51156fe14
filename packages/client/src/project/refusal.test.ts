// Tests of what cannot be sent: it is named, and so is the line that leaves it out.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError, generateApiKey } from "@fetchml/protocol";
import { checkServerLimits } from "./check-limits.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
  at.write("train.py");
});
afterEach(() => at[Symbol.dispose]());

const KEY = generateApiKey({ id: "kpaz", randomBytes: (count) => new Uint8Array(count).fill(7) });

async function refusalOf(options = {}): Promise<FetchmlError> {
  const error: unknown = await at.freeze(options).catch((cause: unknown) => cause);
  if (!(error instanceof FetchmlError)) throw new Error(`not refused: ${String(error)}`);
  expect(error.code).toBe("bad-project");
  expect(error.message.split("\n").length).toBeLessThanOrEqual(3);
  return error;
}

/** The refusal names `shown`; with the line it suggests, the project is taken. */
async function expectRefused(shown: string, why: string): Promise<void> {
  const error = await refusalOf();
  expect(error.message).toContain(`"${shown}" ${why}`);
  const line = /add this line to \.mlignore: (.*)$/.exec(error.message)?.[1] ?? "";
  at.write(".mlignore", `${line}\n`);
  expect(await at.frozenPaths()).toContain("train.py");
}

describe("freezeProject() refuses", () => {
  test("links that lead out of the project", async () => {
    symlinkSync("/usr/bin/python3", join(at.root, "python"));
    await expectRefused("python", 'is a link to "/usr/bin/python3", which is absolute');
    rmSync(join(at.root, "python"));
    mkdirSync(join(at.root, "a"));
    symlinkSync("../../outside", join(at.root, "a", "b"));
    await expectRefused("a/b", 'is a link to "../../outside", which leads out of the project');
  });

  test("a link that leads out by way of one that it names in other letters", async () => {
    mkdirSync(join(at.root, "d"));
    symlinkSync("..", join(at.root, "d", "up"));
    symlinkSync("D/up/../secret", join(at.root, "x"));
    await expectRefused("x", 'is a link to "D/up/../secret", which leads out of the project');
  });

  test("paths that would be too long or too deep on the box", async () => {
    const deep = "x/".repeat(128);
    at.write(`${deep}taken`);
    expect(await at.frozenPaths()).toContain(`${deep}taken`);
    at.write(`${deep}x/f`);
    await expectRefused(`${deep}x/f`, "lies more than 128 folders deep.");
    rmSync(join(at.root, deep, "x"), { recursive: true });
    const long = `${"n".repeat(250)}/`.repeat(13);
    at.write(`${long}f`);
    await expectRefused(`${long}f`, "is longer than 3072 bytes.");
  });

  test("named pipes and sockets, without waiting for them", async () => {
    Bun.spawnSync(["mkfifo", join(at.root, "pipe")]);
    const listener = Bun.listen({
      unix: join(at.root, "socket"),
      socket: { data: () => undefined },
    });
    try {
      const error = await refusalOf();
      expect(error.message).toContain(
        '"pipe" is a device, a socket or a named pipe. Likewise 1 more: "socket"',
      );
      expect(error.details["ignore_lines"]).toEqual(["/pipe", "/socket"]);
    } finally {
      listener.stop(true);
    }
  });

  // Only root may make one.
  test.skipIf(process.getuid?.() !== 0)("devices, without reading them", async () => {
    const made = Bun.spawnSync(["mknod", join(at.root, "zeros"), "c", "1", "5"]);
    expect(made.exitCode).toBe(0);
    await expectRefused("zeros", "is a device, a socket or a named pipe");
  });

  test("names that are not UTF-8", async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${at.root}/caf`), Buffer.from([0xe9, 0x2a])]), "");
    await expectRefused("caf\\xe9*", "has a name that is not UTF-8");
  });

  test("a name with the character that stands for broken ones is an ordinary name", async () => {
    at.write("odd\ufffdname");
    expect(await at.frozenPaths()).toEqual(["odd\ufffdname", "train.py"]);
  });

  test("names with control characters and backslashes, of folders too", async () => {
    at.write("new\nline/plain");
    expect((await refusalOf()).message).toContain('"new\\nline/plain" holds a control character');
    rmSync(join(at.root, "new\nline"), { recursive: true });
    at.write("back\\slash");
    await expectRefused("back\\slash", "holds a backslash");
  });

  test("a name of control characters and signs of patterns, and Git takes the line too", async () => {
    at.git("init", "-q");
    for (const name of ["new\nline", "\u001b[31m*?", "tab\t", "next\u0085line", "\u0001\\ "]) {
      at.write(name);
      const error = await refusalOf();
      const [line] = Object.values(error.details["ignore_lines"] ?? []).map(String);
      at.write(".gitignore", `${line}\n`);
      // It fails where the line does not fit.
      at.git("check-ignore", "--quiet", "--no-index", name);
      expect(await at.frozenPaths()).toEqual([".gitignore", "train.py"]);
      rmSync(join(at.root, name));
      rmSync(join(at.root, ".gitignore"));
      at.write(".mlignore", `${line}\n`);
      at.write(name);
      expect(await at.frozenPaths()).toEqual([".mlignore", "train.py"]);
      rmSync(join(at.root, name));
      rmSync(join(at.root, ".mlignore"));
    }
  });

  test("names that a Mac or Windows takes for one", async () => {
    at.write("Train.py");
    const error = await refusalOf();
    expect(error.message).toContain('"train.py" and "Train.py" have the same name on a Mac');
    at.write(".mlignore", "/train.py\n");
    expect(await at.frozenPaths()).toEqual([".mlignore", "Train.py"]);
  });

  test("a file that holds an API key, naming the file and the key's id but not the key", async () => {
    at.write("notes/config.toml", `api_key = "${KEY}"`);
    const error = await refusalOf();
    expect(error.message).toContain(
      '"notes/config.toml" holds the FetchML API key with the id kpaz',
    );
    expect(JSON.stringify(error) + error.message).not.toContain(KEY);
    await expectRefused("notes/config.toml", "holds");
  });

  test("an API key in the name of a file or folder or in a link, without showing it", async () => {
    at.write(`${KEY}/x`);
    const error = await refusalOf();
    expect(JSON.stringify(error) + error.message).not.toContain(KEY);
    expect(JSON.stringify(error.details)).not.toContain(KEY);
    await expectRefused(
      "fetchml_kpaz…[hidden]/x",
      "holds the FetchML API key with the id kpaz in its name",
    );
    symlinkSync(KEY.toUpperCase(), join(at.root, "link"));
    expect((await refusalOf()).message).toContain('"link" holds the FetchML API key');
  });

  test("an API key in a large file, and one that came after the file was remembered as clean", async () => {
    const large = `${"x".repeat(1024 ** 2 - 20)}${KEY}${"x".repeat(1024 ** 2)}`;
    at.write("large.txt", large.replace(KEY, "y".repeat(KEY.length)));
    await at.freeze();
    at.write("large.txt", large);
    await expectRefused("large.txt", "holds the FetchML API key");
  });

  test.skipIf(process.getuid?.() === 0)("a file that may not be read", async () => {
    at.write("secret", "", 0o000);
    await expectRefused("secret", "cannot be read (EACCES)");
  });
});

describe("freezeProject() keeps to limits:", () => {
  const limits = { totalBytes: 1000, fileBytes: 600, fileCount: 20 };

  test("the largest file is named, with the line that leaves it out", async () => {
    at.write("data/big [1].bin", "x".repeat(700));
    at.write("data/bigger.bin", "x".repeat(800));
    const error = await refusalOf({ limits });
    expect(error.message).toContain("a file of it is larger than 600 B");
    expect(error.message).toContain("Largest: data/bigger.bin (800 B), data/big [1].bin (700 B).");
    expect(error.details["ignore_lines"]).toEqual(["/data/bigger.bin", "/data/big \\[1].bin"]);
    const ignore = error.details["ignore_lines"];
    const projectFile = { ignore: Array.isArray(ignore) ? ignore.map(String) : [] };
    expect(await at.frozenPaths({ limits, projectFile })).toEqual(["train.py"]);
  });

  test("what makes a project too large is mostly a folder, so the folder is named", async () => {
    for (let i = 0; i < 12; i++) at.write(`data/${i}`, "x".repeat(100));
    const error = await refusalOf({ limits });
    expect(error.message).toContain("it has 1.2 KiB, and 1000 B is the limit");
    expect(error.message).toContain("Largest: data/ (1.2 KiB), train.py (8 B).");
    expect(error.message).toEndWith("such as: /data/");
  });

  test("so with too many files", async () => {
    for (let i = 0; i < 30; i++) at.write(`data/${i}`, "");
    const error = await refusalOf({ limits });
    expect(error.message).toContain("it has more than 20 files");
    expect(error.message).toContain("Largest: data/ (30 files), train.py (1 file)");
  });

  test("the ten largest are told, each with its line, and who set the limit", async () => {
    for (let i = 0; i < 12; i++) at.write(`${i}.bin`, "x".repeat(700 + i));
    const { message, details } = await refusalOf({ limits });
    expect(message).toContain("larger than 600 B (max_file_size in ml.toml)");
    expect(details["paths"]).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map((i) => `${i}.bin`));
    expect(details["reasons"]).toEqual(
      [711, 710, 709, 708, 707, 706, 705, 704, 703, 702].map((i) => `${i} B`),
    );
    expect(details["ignore_lines"]).toHaveLength(10);
  });

  test("a limit of the server's that the project is over", async () => {
    at.write("data/big.bin", "x".repeat(900));
    const { manifest } = (await at.freeze()).content();
    const caps = { max_size_bytes: 1000, max_file_size_bytes: 1000, max_files: 2 };
    const check = (snapshot: Partial<typeof caps>) => () =>
      checkServerLimits(at.root, manifest, { snapshot: { ...caps, ...snapshot } });
    expect(check({})).not.toThrow();
    expect(check({ max_size_bytes: 900 })).toThrow(
      "it has 908 B, and 900 B is the limit (set by the server's admin).\nLargest: data/big.bin (900 B)",
    );
    expect(check({ max_file_size_bytes: 899 })).toThrow("larger than 899 B (set by the server's");
    expect(check({ max_files: 1 })).toThrow("more than 1 file (set by the server's admin)");
    const deep = { ...manifest, entries: manifest.entries.slice(0, 1) };
    const [entry] = deep.entries;
    if (entry?.kind !== "file") throw new Error("no file");
    deep.entries.splice(0, 1, { ...entry, path: "a/b/c" });
    expect(() => checkServerLimits(at.root, deep, { snapshot: { ...caps, max_files: 1 } })).toThrow(
      "more than 1 folder (set by the server's admin)",
    );
  });
});
