// Lists of outputs, with the names and things that a hostile job can leave.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  linkSync,
  chownSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { generateApiKey } from "@fetchml/protocol";
import {
  makeOutputs,
  nest,
  openBelow,
  swapForLink,
  type OutputsUnderTest,
} from "./outputs.fixture.ts";
import { mostLooks, walkOutputs } from "./walk-outputs.ts";

let outputs: OutputsUnderTest;

beforeEach(() => {
  outputs = makeOutputs();
});
afterEach(() => outputs[Symbol.dispose]());

const paths = async () => (await outputs.list()).map(({ path }) => path);

describe("walkOutputs()", () => {
  test("lists files with size, time and executable bit, each folder's before those of folders in it", async () => {
    outputs.write("sub/deep/c.txt");
    outputs.write("b.txt", "12345");
    outputs.write("a.sh", "", 0o755);
    outputs.write("sub/x");
    const entries = await outputs.list();
    expect(entries.map(({ path }) => path)).toEqual(["a.sh", "b.txt", "sub/x", "sub/deep/c.txt"]);
    expect(entries.slice(0, 2)).toMatchObject([
      { kind: "file", size_bytes: 0, executable: true },
      { kind: "file", size_bytes: 5, executable: false },
    ]);
    const [entry] = entries;
    expect(Math.abs((entry?.kind === "file" ? entry.modified_at : 0) - Date.now())).toBeLessThan(
      60_000,
    );
  });

  test("lists names with line feeds, escapes and direction marks as they are", async () => {
    const names = [
      "a\nb",
      "c\u001B[2Jd",
      "e\u202Ef",
      "g\\h",
      "con",
      "%2e%2e",
      "U\u0308",
      "\ufffd",
      "😀",
    ];
    for (const name of names) outputs.write(name);
    expect((await paths()).toSorted()).toEqual(names.toSorted());
  });

  test("names what is not UTF-8 in escapes, and does not look below it", async () => {
    const root = Buffer.from(`${outputs.path}/`);
    writeFileSync(Buffer.concat([root, Buffer.from([0x61, 0xff])]), "");
    mkdirSync(Buffer.concat([root, Buffer.from([0xfe])]));
    writeFileSync(Buffer.concat([root, Buffer.from([0xfe]), Buffer.from("/inner")]), "");
    outputs.write("fine");
    expect(await outputs.list()).toMatchObject([
      { kind: "left-out", path: "\\xfe", reason: "name-not-utf8" },
      { kind: "left-out", path: "a\\xff", reason: "name-not-utf8" },
      { kind: "file", path: "fine" },
    ]);
  });

  test("leaves out a name that holds an API key, and does not show it", async () => {
    const key = generateApiKey({ id: "abcd", randomBytes: (n) => new Uint8Array(n) });
    outputs.write(`sub/${key}`);
    symlinkSync(`/x/${key}`, join(outputs.path, "link"));
    const entries = await outputs.list();
    expect(entries.map((entry) => entry.kind === "left-out" && entry.reason)).toEqual(
      Array.from({ length: 2 }, () => "name-holds-key"),
    );
    expect(JSON.stringify(entries)).not.toContain(key);
  });

  test("tells links as they stand, and those into the outputs by their place on the box as relative ones", async () => {
    outputs.write("sub/model.pt");
    symlinkSync("model.pt", join(outputs.path, "sub/latest"));
    symlinkSync(join(outputs.path, "sub/model.pt"), join(outputs.path, "sub/absolute"));
    symlinkSync("/etc/passwd", join(outputs.path, "out"));
    symlinkSync(outputs.path, join(outputs.path, "root"));
    const links = (await outputs.list()).filter(({ kind }) => kind === "symlink");
    expect(links).toEqual([
      { kind: "symlink", path: "out", target: "/etc/passwd" },
      { kind: "symlink", path: "root", target: "." },
      { kind: "symlink", path: "sub/absolute", target: "../sub/model.pt" },
      { kind: "symlink", path: "sub/latest", target: "model.pt" },
    ]);
  });

  test("names pipes and sockets without opening them, and follows no link to a folder", async () => {
    Bun.spawnSync(["mkfifo", join(outputs.path, "pipe")]);
    const server = Bun.listen({ unix: join(outputs.path, "socket"), socket: { data: () => {} } });
    symlinkSync(outputs.outside, join(outputs.path, "way-out"));
    expect(await outputs.list()).toMatchObject([
      { kind: "left-out", path: "pipe", reason: "not-a-file" },
      { kind: "left-out", path: "socket", reason: "not-a-file" },
      { kind: "symlink", path: "way-out" },
    ]);
    server.stop(true);
  });

  test.skipIf(process.getuid?.() !== 0)(
    "leaves out hard links to files of another account",
    async () => {
      linkSync(join(outputs.outside, "secret"), join(outputs.path, "own"));
      writeFileSync(join(outputs.outside, "other"), "");
      chownSync(join(outputs.outside, "other"), 65_534, 65_534);
      linkSync(join(outputs.outside, "other"), join(outputs.path, "foreign"));
      expect(await outputs.list()).toMatchObject([
        { kind: "left-out", path: "foreign", reason: "foreign-file" },
        { kind: "file", path: "own" },
      ]);
      expect(await outputs.read("foreign")).toBe("foreign-file");
    },
  );

  test.skipIf(process.getuid?.() === 0)(
    "names folders that it cannot read, the outputs themselves by a dot",
    async () => {
      outputs.write("sub/a");
      chmodSync(join(outputs.path, "sub"), 0);
      expect(await outputs.list()).toEqual([
        { kind: "left-out", path: "sub", reason: "unreadable" },
      ]);
      chmodSync(join(outputs.path, "sub"), 0o755);
      chmodSync(outputs.path, 0);
      expect(await outputs.list()).toEqual([{ kind: "left-out", path: ".", reason: "unreadable" }]);
      chmodSync(outputs.path, 0o755);
    },
  );

  test("ends in a nest deeper than a path can be, and says where", async () => {
    nest(outputs.path, 30);
    const entries = await outputs.list();
    expect(entries).toMatchObject([{ kind: "left-out", reason: "path-too-long" }]);
    expect(openBelow(outputs.path)).toBe(0);
  });

  test("never lists what is outside while folders are swapped for links as fast as can be", async () => {
    outputs.write("sub/inner/mine");
    const swapping = swapForLink(outputs, "sub");
    try {
      for (let i = 0; i < 1000; i++) {
        expect(JSON.stringify(await outputs.list())).not.toContain("secret");
      }
    } finally {
      await swapping.stop();
    }
  });

  test("holds nothing open after its end, whether it was heard out or not", async () => {
    for (let i = 0; i < 200; i++) outputs.write(`sub/${i}`);
    await outputs.list();
    const walk = walkOutputs(outputs.folder, mostLooks());
    await walk.next();
    await walk.next();
    expect(openBelow(outputs.path)).toBe(1);
    await walk.return(false);
    expect(openBelow(outputs.path)).toBe(0);
  });

  test("goes on when a folder goes away between its listing and its turn", async () => {
    outputs.write("a/1");
    outputs.write("b/2");
    const walk = walkOutputs(outputs.folder, mostLooks());
    await walk.next();
    rmSync(join(outputs.path, "a"), { recursive: true });
    renameSync(join(outputs.path, "b"), join(outputs.path, "c"));
    expect((await walk.next()).done).toBe(true);
  });
});
