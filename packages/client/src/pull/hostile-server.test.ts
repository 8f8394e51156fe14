// A server, or a job on it, that would have a pull write where it must not.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { contentOf, openPullBench, SOME_TIME, type PullBench } from "./pull-server.fixture.ts";
import { openTarget } from "./target-folder.ts";

let bench: PullBench;

beforeEach(async () => {
  bench = await openPullBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

function link(path: string, target: string) {
  bench.others.push({ attempt: 1, entry: { kind: "symlink", path, target } });
}

describe("a pull", () => {
  test("writes nothing under a path that leads out of the target, or is none", async () => {
    const outside = join(dirname(bench.target), "escaped");
    const paths = [
      "../escaped",
      "a/../../escaped",
      outside,
      "",
      "/",
      "a//b",
      "./a",
      "a/.",
      "..",
      "a\0b",
      ".ml-pull/x",
      ".ML-PULL/x",
      "\ud800",
    ];
    for (const path of paths) bench.put(path, "evil");
    const items = await bench.pull();
    expect(items.every(({ outcome }) => outcome === "left-out")).toBe(true);
    expect(items).toHaveLength(paths.length);
    expect(existsSync(outside)).toBe(false);
    expect(bench.here()).toEqual({});
  });

  test("makes no link that leads out of the outputs, whichever way", async () => {
    link("absolute", "/etc/passwd");
    link("up", "../x");
    link("sub/up", "../../x");
    link("hop", "sub/far");
    link("sub/far", "..");
    link("over", "sub/far/../../etc");
    link("fine", "sub/file");
    link("nowhere", "not/there");
    bench.put("sub/file");
    const items = await bench.pull();
    const made = items.filter(({ kind, outcome }) => kind === "symlink" && outcome === "pulled");
    expect(made.map(({ path }) => path)).toEqual(["hop", "sub/far", "fine", "nowhere"]);
    expect(items.find(({ path }) => path === "absolute")?.why).toBe(
      'is a link to "/etc/passwd", which is absolute',
    );
    expect(items.find(({ path }) => path === "up")?.why).toBe(
      'is a link to "../x", which leads out of the outputs',
    );
  });

  test("writes nothing through a link, also one that the same list names", async () => {
    const elsewhere = join(bench.target, "elsewhere");
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, join(bench.target, "way"));
    link("later", "elsewhere");
    bench.put("way/x", "evil");
    bench.put("way/deep/x", "evil");
    bench.put("later/x", "fine");
    const items = await bench.pull({ force: true });
    expect(bench.outcomes(items)).toEqual([
      "way/x blocked",
      "way/deep/x blocked",
      "later/x pulled",
      "later blocked",
    ]);
    expect(contentOf(elsewhere)).toEqual({});
  });

  test("makes no folder in which Git would look for commands", async () => {
    bench.put("sub/.git/config", "[core] fsmonitor = evil");
    bench.put("fine/.gitignore");
    expect(bench.outcomes(await bench.pull())).toEqual([
      "sub/.git/config left-out",
      "fine/.gitignore pulled",
    ]);
  });

  test("keeps names that are odd and harmless, where the system can have them", async () => {
    const names = [
      "a\nb",
      "\u001B[31mred",
      "back\\slash",
      "-rf",
      "con",
      "a:b",
      "\u202Eexe",
      " ",
      "~",
    ];
    for (const name of names) bench.put(name);
    await bench.pull();
    expect(Object.keys(bench.here()).toSorted()).toEqual(names.toSorted());
    expect(bench.outcomes(await bench.pull({ platform: "win32" }))).toContain("con left-out");
  });

  test("says of each thing that the server does not give out why not", async () => {
    for (const reason of ["not-a-file", "name-not-utf8", "unreadable"] as const) {
      bench.others.push({ attempt: 1, entry: { kind: "left-out", path: reason, reason } });
    }
    const items = await bench.pull();
    expect(items.map(({ kind, path, why }) => [kind, path, why])).toEqual([
      ["other", "not-a-file", "is a device, a socket or a named pipe"],
      ["file", "name-not-utf8", "has a name that is not UTF-8"],
      ["file", "unreadable", "cannot be read by the server"],
    ]);
  });

  test("keeps only the first of two entries of one name", async () => {
    bench.put("x", "first");
    const entry = {
      kind: "file",
      path: "x",
      size_bytes: 5,
      modified_at: SOME_TIME,
      executable: false,
    } as const;
    bench.others.push({ attempt: 1, entry });
    expect(bench.outcomes(await bench.pull())).toEqual(["x left-out", "x pulled"]);
  });

  test("keeps what the job has named like its log, and says which of the two came and where the other is", async () => {
    bench.put("12.1.log", "the job's own");
    for (const isLink of [false, true]) {
      if (isLink) {
        rmSync(join(bench.target, "12.1.log"));
        bench.files.clear();
        link("12.1.log", "x");
      }
      const items = await bench.pull({ logs: [1] });
      expect(bench.outcomes(items)).toEqual(["12.1.log left-out", "12.1.log pulled"]);
      expect(items[0]?.why).toBe(
        "would be the log of attempt 1, but the job has left a file of that name: only that one is pulled. " +
          "Leave out --include-log, or write the log under another name: ml logs '12#1' --raw > FILE",
      );
      expect(bench.here()).toEqual({ "12.1.log": isLink ? "-> x" : "the job's own" });
    }
  });

  test("has no room for a name that this disk does not take, and goes on", async () => {
    bench.put("n".repeat(300), "x");
    bench.put(`${"n".repeat(300)}/deep`, "x");
    bench.put("fine");
    const items = await bench.pull();
    expect(items.map(({ outcome }) => outcome)).toEqual(["left-out", "left-out", "pulled"]);
  });

  test("ends when the server's answer does not fit what it was asked", async () => {
    bench.put("x".repeat(3), new Uint8Array(300_000));
    bench.before = () => new Response("", { headers: { "fetchml-server": "1" } });
    expect(await bench.pull().catch((error: unknown) => error)).toMatchObject({
      code: "internal-error",
    });
  });
});

describe("openTarget()", () => {
  test("follows no link in the parts that nobody has typed, and any in the others", () => {
    const { target } = bench;
    const [elsewhere, outputs] = [join(target, "elsewhere"), join(target, "ml-outputs")];
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, outputs);
    expect(() => openTarget(join(outputs, "train-12"), 2)).toThrow(/it is a link/);
    expect(openTarget(join(outputs, "train-12"), 0).path).toBe(join(elsewhere, "train-12"));
    rmSync(outputs);
    mkdirSync(outputs);
    symlinkSync(elsewhere, join(outputs, "train-12"));
    expect(() => openTarget(join(outputs, "train-12"), 2)).toThrow(/it is a link/);
    expect(openTarget(join(outputs, "train-13"), 2).path).toBe(join(outputs, "train-13"));
  });

  test("says in words why there can be no such folder", () => {
    writeFileSync(join(bench.target, "file"), "");
    const refusal = (why: string) => new RegExp(`^Cannot pull into .*: ${why}\\.\\n.* -o DIR\\.$`);
    expect(() => openTarget(join(bench.target, "file", "sub"), 0)).toThrow(
      refusal("a part of that path is no folder"),
    );
    expect(() => openTarget(join(bench.target, "file"), 0)).toThrow(
      refusal("it is a file, and no folder"),
    );
    // Nobody can make a folder there.
    if (process.platform === "linux") {
      expect(() => openTarget("/proc/none", 0)).toThrow(refusal("that folder cannot be made"));
    }
  });
});
