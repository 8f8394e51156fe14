// Tests of removing trees that were made to harm whoever removes them.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Trash } from "./trash.ts";

let folder: string;
let trash: Trash;
const never = new AbortController().signal;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fml-trash-"));
  trash = new Trash(join(folder, ".trash"));
  mkdirSync(join(folder, "outside"));
  writeFileSync(join(folder, "outside/precious"), "gold");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...parts: readonly string[]) => join(folder, ...parts);
const left = () => readdirSync(at(".trash"));

/** Takes it and empties the trash; answers whether nothing is left. */
async function remove(path: string): Promise<boolean> {
  expect(trash.take(path, "work")).toBe(true);
  const { isEmpty } = await trash.empty(never);
  expect(existsSync(path)).toBe(false);
  return isEmpty;
}

describe("Trash", () => {
  test("removes links and follows none of them", async () => {
    mkdirSync(at("tree/deep"), { recursive: true });
    symlinkSync(at("outside"), at("tree/folder"));
    symlinkSync(at("outside/precious"), at("tree/deep/file"));
    symlinkSync("..", at("tree/deep/up"));
    symlinkSync("loop", at("tree/loop"));
    expect(await remove(at("tree"))).toBe(true);
    expect(readFileSync(at("outside/precious"), "utf8")).toBe("gold");
  });

  test("takes a link in a folder's stead, and leaves alone what it leads to", async () => {
    symlinkSync(at("outside"), at("link"));
    expect(await remove(at("link"))).toBe(true);
    expect(readFileSync(at("outside/precious"), "utf8")).toBe("gold");
    expect(lstatSync(at("outside")).mode & 0o777).toBe(0o755);
  });

  test("removes folders that their owner may not look into", async () => {
    mkdirSync(at("tree/shut/within"), { recursive: true });
    writeFileSync(at("tree/shut/within/file"), "");
    chmodSync(at("tree/shut/within"), 0);
    chmodSync(at("tree/shut"), 0);
    chmodSync(at("tree"), 0);
    expect(await remove(at("tree"))).toBe(true);
    expect(left()).toEqual([]);
  });

  test("removes folders of another account", async () => {
    mkdirSync(at("tree/theirs"), { recursive: true });
    writeFileSync(at("tree/theirs/file"), "");
    if (process.getuid?.() === 0) {
      for (const path of ["tree/theirs/file", "tree/theirs", "tree"])
        chownSync(at(path), 4242, 4242);
    }
    chmodSync(at("tree/theirs"), 0);
    expect(await remove(at("tree"))).toBe(true);
  });

  test("removes a tree that is deeper than a path may be long", async () => {
    // Two trees of 3,600 characters each, one at the end of the other: a path may have 4,096.
    const deep = Array.from({ length: 18 }, () => "d".repeat(199)).join("/");
    mkdirSync(at("tree", deep), { recursive: true });
    mkdirSync(at("other", deep), { recursive: true });
    writeFileSync(at("other", deep, "file"), "");
    renameSync(at("other"), at("tree", deep, "other"));
    expect(() => lstatSync(at("tree", deep, "other", deep))).toThrow("ENAMETOOLONG");
    expect(await remove(at("tree"))).toBe(true);
    expect(left()).toEqual([]);
  });

  test("leaves the other name of a file that has two", async () => {
    mkdirSync(at("tree"));
    linkSync(at("outside/precious"), at("tree/same"));
    expect(await remove(at("tree"))).toBe(true);
    expect(readFileSync(at("outside/precious"), "utf8")).toBe("gold");
  });

  test("says false of what is not there, also where a file stands in the way", () => {
    expect(trash.take(at("none"), "work")).toBe(false);
    expect(trash.take(at("outside/precious/below"), "work")).toBe(false);
  });

  test("removes what an earlier process took and did not remove, and counts it as a stray", async () => {
    mkdirSync(at("tree"));
    writeFileSync(at("tree/file"), "x".repeat(10_000));
    trash.take(at("tree"), "outputs");
    const { bytes, isEmpty } = await new Trash(at(".trash")).empty(never);
    expect(isEmpty).toBe(true);
    expect(left()).toEqual([]);
    expect([...bytes.keys()]).toEqual(["strays"]);
    expect(bytes.get("strays")).toBeGreaterThan(9000);
  });

  test("leaves the rest for the next time when it is broken off", async () => {
    mkdirSync(at("tree"));
    trash.take(at("tree"), "work");
    const ended = await trash.empty(AbortSignal.abort(new Error("enough"))).catch(String);
    expect(ended).toContain("enough");
    expect(left()).toHaveLength(1);
    expect((await trash.empty(never)).isEmpty).toBe(true);
    expect(left()).toEqual([]);
  });

  test("lets other work go on while it removes 20,000 files", async () => {
    mkdirSync(at("tree"));
    const script = `cd tree && seq 20000 | xargs -n 1000 touch`;
    expect(Bun.spawnSync(["sh", "-c", script], { cwd: folder }).exitCode).toBe(0);
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    expect(await remove(at("tree"))).toBe(true);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  }, 120_000);
});

describe("as an account that is not root", () => {
  const isRoot = process.getuid?.() === 0;
  test.if(isRoot)(
    "Trash takes what a job has made read-only, and follows no link to do so",
    async () => {
      for (const path of ["", "outside"]) chownSync(at(path), 65_534, 65_534);
      const script = `
      import { Trash } from ${JSON.stringify(join(import.meta.dir, "trash.ts"))};
      import { mkdirSync, chmodSync, symlinkSync, statSync } from "node:fs";
      process.setgid(65534); process.setuid(65534); process.chdir(${JSON.stringify(folder)});
      mkdirSync("job/work/sub", { recursive: true });
      chmodSync("outside", 0o500);
      symlinkSync(${JSON.stringify(at("outside"))}, "job/tmp");
      for (const path of ["job/work/sub", "job/work", "job"]) chmodSync(path, 0o500);
      const trash = new Trash(${JSON.stringify(at(".trash"))});
      const taken = [trash.take("job/work", "work"), trash.take("job/tmp", "work")];
      const { isEmpty } = await trash.empty(new AbortController().signal);
      console.log(JSON.stringify({ taken, isEmpty, mode: statSync("outside").mode & 0o777 }));`;
      const child = Bun.spawnSync([process.execPath, "-e", script], { env: {} });
      expect(child.stderr.toString()).toBe("");
      expect(JSON.parse(child.stdout.toString())).toEqual({
        taken: [true, true],
        isEmpty: true,
        mode: 0o500,
      });
    },
  );
});
