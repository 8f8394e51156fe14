// What a job has locked against the account of the server, which is its own, counts as what it takes.
import { expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

/** Runs a program as an account that may not look into everything; answers what it prints last, as JSON. */
function asPlainAccount(program: string): unknown {
  const from = (file: string) => JSON.stringify(join(import.meta.dir, file));
  const folder = mkdtempSync(join(tmpdir(), "fml-locked-"));
  chmodSync(folder, 0o777);
  try {
    const script = `
      import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
      import { join } from "node:path";
      import { openRetention } from ${from("retention.fixture.ts")};
      import { DEFAULT_RETENTION } from ${from("../domain/retention-rules.ts")};
      import { measureTrees } from ${from("tree-tools.ts")};
      if (process.getuid() === 0) { process.setgid(${NOBODY}); process.setuid(${NOBODY}); }
      process.chdir(${JSON.stringify(folder)});
      const at = (...parts) => join(${JSON.stringify(folder)}, ...parts);
      const MIB = 1024 ** 2;
      ${program}`;
    const child = Bun.spawnSync([process.execPath, "-e", script], { env: { TMPDIR: folder } });
    expect(child.stderr.toString()).toBe("");
    return JSON.parse(child.stdout.toString());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test.if(isRoot)("a job does not hide from keep_size what it has locked", () => {
  const found = asPlainAccount(`
    const rules = { ...DEFAULT_RETENTION, keepSize: { bytes: MIB } };
    const box = await openRetention({ rules });
    box.room.look = () => ({ size_bytes: 1e12, free_bytes: 0, reserve_bytes: 0, files: null });
    const alice = await box.addUser("alice");
    const id = await box.submit(alice);
    await box.startAll();
    const work = join(box.dataDir, "attempts", id + ".1", "job/work");
    mkdirSync(join(work, "shut/within"), { recursive: true });
    writeFileSync(join(work, "shut/within/file"), "x".repeat(5 * MIB));
    for (const path of ["shut/within", "shut", ""]) chmodSync(join(work, path), 0);
    await box.end(id);
    const looked = await box.collect({ dryRun: true });
    const done = await box.collect();
    const size = ({ removed }) => removed.map(({ kind, bytes }) => kind + " " + Math.floor(bytes / MIB));
    console.log(JSON.stringify([size(looked), size(done), readdirSync(join(box.dataDir, "attempts/.trash"))]));
    await box[Symbol.asyncDispose]();`);
  expect(found).toEqual([[], ["work 5"], []]);
});

test.if(isRoot)("a collection leaves outputs as they are, and a dry run what is locked too", () => {
  const found = asPlainAccount(`
    const rules = { ...DEFAULT_RETENTION, keepSize: { bytes: MIB } };
    const box = await openRetention({ rules });
    box.room.look = () => ({ size_bytes: 1e12, free_bytes: 0, reserve_bytes: 0, files: null });
    const alice = await box.addUser("alice");
    const id = await box.submit(alice);
    await box.startAll();
    const job = join(box.dataDir, "attempts", id + ".1", "job");
    writeFileSync(join(job, "outputs/model.bin"), "x");
    chmodSync(join(job, "outputs/model.bin"), 0o611);
    mkdirSync(join(job, "outputs/shut/within"), { recursive: true });
    writeFileSync(join(job, "outputs/shut/within/file"), "x", { mode: 0o100 });
    await box.end(id);
    // One whose start failed has no files.
    const failed = await box.submit(alice);
    await box.startAll();
    rmSync(join(box.dataDir, "attempts", failed + ".1"), { recursive: true });
    await box.end(failed);
    const shut = join(job, "outputs/shut");
    const lock = (path) => chmodSync(path, 0);
    const lookAt = (path) => {
      const { mode, ctimeNs } = statSync(path, { bigint: true });
      return (Number(mode) & 0o777).toString(8) + " since " + ctimeNs;
    };
    const inside = ["model.bin", "shut/within", "shut/within/file"].map((name) => join(job, "outputs", name));
    const before = inside.map(lookAt);
    lock(shut);
    const locked = lookAt(shut);
    const looked = await box.collect({ dryRun: true });
    const isLocked = [lookAt(shut) === locked];
    const done = await box.collect();
    const opened = lookAt(shut).split(" ")[0];
    const isSame = inside.map((path, index) => lookAt(path) === before[index]);
    lock(shut);
    box.advance(1000 * 86_400_000);
    const late = await box.collect({ dryRun: true });
    isLocked.push(lookAt(shut).startsWith("0 "));
    chmodSync(shut, 0o700);
    const kinds = ({ removed }) => removed.map(({ kind }) => kind);
    console.log(JSON.stringify({
      looked: kinds(looked), done: kinds(done), late: kinds(late), isLocked, opened, isSame,
    }));
    await box[Symbol.asyncDispose]();`);
  expect(found).toEqual({
    looked: [],
    done: [],
    late: expect.arrayContaining(["outputs"]),
    isLocked: [true, true],
    opened: "500",
    isSame: [true, true, true],
  });
});

test.if(isRoot)("measureTrees() opens folders for their owner, and follows no link", () => {
  const found = asPlainAccount(`
    mkdirSync("outside"); chmodSync("outside", 0);
    mkdirSync("tree/shut/within", { recursive: true });
    writeFileSync("tree/shut/within/file", "x".repeat(MIB), { mode: 0 });
    symlinkSync(at("outside"), "tree/link");
    symlinkSync(at("outside"), "linked");
    chmodSync("tree/shut/within", 0); chmodSync("tree/shut", 0o100); chmodSync("tree", 0o300);
    const { signal } = new AbortController();
    const paths = [at("tree"), at("linked"), at("none")];
    const shut = (await measureTrees(paths, signal)).get(at("tree"));
    const open = (await measureTrees(paths, signal, { unlock: true })).get(at("tree"));
    const modeOf = (path) => (statSync(path).mode & 0o777).toString(8);
    console.log(JSON.stringify({
      shut: shut >= MIB, open: open >= MIB,
      modes: ["outside", "tree", "tree/shut", "tree/shut/within", "tree/shut/within/file"].map(modeOf),
    }));`);
  expect(found).toEqual({ shut: false, open: true, modes: ["0", "700", "500", "500", "0"] });
});
