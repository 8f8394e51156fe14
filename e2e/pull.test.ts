// What a job leaves in $ML_OUTPUT_DIR comes back with `ml pull`, and nothing else does.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { openBox, until, type Box, type Person } from "./box.ts";
import { sameTree } from "./same-tree.ts";

let box: Box;
let alice: Person;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
});
afterAll(() => box.close());

/** Runs a job whose script starts in its outputs; answers its id and where they lie on the box. */
async function leave(name: string, script: string) {
  const run = await alice.ml(["run", name, "--", "sh", "-c", `cd "$ML_OUTPUT_DIR" && ${script}`]);
  expect(run.code).toBe(0);
  const { id } = JSON.parse((await alice.ml(["show", name, "--json"])).stdout) as { id: number };
  return { id, outputs: join(box.dataDir, "attempts", `${id}.1`, "job/outputs") };
}

const here = (...parts: readonly string[]) => join(alice.home, "work", ...parts);

describe("ml pull", () => {
  test("brings back what a job has left: names, bits, links and contents", async () => {
    const { id, outputs } = await leave(
      "train",
      `mkdir -p ckpt/deep && head -c 3000000 /dev/urandom > model.pt && echo '#!/bin/sh' > run.sh && chmod 755 run.sh &&
       for i in 1 2 3; do echo $i > ckpt/deep/$i.txt; done && ln -s ckpt/deep/3.txt latest && : > empty &&
       ln -s "$ML_OUTPUT_DIR/model.pt" ckpt/absolute && echo said`,
    );
    // Of a file that was changed a moment ago nobody knows whether its time is that of its last change.
    const changedAt = statSync(join(outputs, "model.pt")).mtimeMs;
    await until(() => Date.now() - changedAt > 200, "the clock stands still");
    const { code, stdout, stderr } = await alice.ml(["pull", "train"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(
      `Pulled 6 files (2.9 MiB) and 2 links of ${id} train into ml-outputs/train-${id}\n`,
    );
    const target = here("ml-outputs", `train-${id}`);
    rmSync(join(target, "ckpt/absolute"));
    rmSync(join(outputs, "ckpt/absolute"));
    sameTree(target, outputs);
    expect(statSync(join(target, "run.sh")).mode & 0o100).toBe(0o100);
    expect(statSync(join(target, "model.pt")).mtimeMs).toBe(
      Math.floor(statSync(join(outputs, "model.pt")).mtimeMs),
    );
  });

  test("fetches nothing twice, leaves what was changed here, and replaces it when told to", async () => {
    const { id, outputs } = await leave("again", "echo one > a && echo two > b && echo three > c");
    const target = here("ml-outputs", `again-${id}`);
    await alice.ml(["pull", "again"]);
    expect((await alice.ml(["pull", "again"])).stdout).toContain("Pulled 0 files");
    writeFileSync(join(target, "a"), "mine");
    rmSync(join(target, "b"));
    const refused = await alice.ml(["pull", "again"]);
    expect(refused.code).toBe(5);
    expect(refused.stdout).toContain("Pulled 1 file (4 B)");
    expect(refused.stderr).toContain("Left as it is here:\n  a differs");
    expect(readFileSync(join(target, "a"), "utf8")).toBe("mine");
    expect((await alice.ml(["pull", "again", "--force"])).code).toBe(0);
    sameTree(target, outputs);
  });

  test("takes patterns, another folder, the log and the checkpoints", async () => {
    const script = `mkdir -p sub/deep && echo 1 > a.pt && echo 2 > sub/b.pt && echo 3 > sub/deep/c.txt && echo said && echo w > "$ML_CHECKPOINT_DIR/w.pt"`;
    const { id } = await leave("parts", script);
    const pull = (...args: readonly string[]) => alice.ml(["pull", "parts", ...args]);
    expect((await pull("*.pt", "-o", "some")).code).toBe(0);
    expect(readdirSync(here("some")).toSorted()).toEqual(["a.pt", "sub"]);
    expect(readdirSync(here("some/sub"))).toEqual(["b.pt"]);
    expect((await pull("sub/deep", "-o", "deep", "--include-log")).code).toBe(0);
    expect(readFileSync(here("deep", `${id}.1.log`), "utf8")).toBe("said\n");
    expect(existsSync(here("deep/a.pt"))).toBe(false);
    expect((await pull("--checkpoints")).code).toBe(0);
    expect(readFileSync(here("ml-outputs", `parts-${id}-checkpoints/w.pt`), "utf8")).toBe("w\n");
    const none = await pull("*.zip");
    expect([none.code, none.stdout]).toEqual([6, ""]);
    expect(none.stderr).toContain('fits "*.zip"');
    const json = JSON.parse((await pull("a.pt", "-o", "some", "--json")).stdout);
    expect(json).toMatchObject({ job_id: id, name: "parts", folder: "some", complete: true });
    expect(json.items).toEqual([
      {
        kind: "file",
        attempt: 1,
        path: "a.pt",
        local_path: "a.pt",
        size_bytes: 2,
        outcome: "equal",
        why: null,
      },
    ]);
  });

  test("pulls what there is of several patterns, and says which fit nothing", async () => {
    const { id } = await leave("some", "echo 1 > a && echo 2 > 'b[1].txt' && echo 3 > c");
    const pull = (...args: readonly string[]) => alice.ml(["pull", "some", ...args]);
    const { code, stdout, stderr } = await pull("a", "b[1].txt", "missing", "{x,y}");
    expect(code).toBe(1);
    expect(stdout).toContain("Pulled 2 files (4 B)");
    expect(stderr).toBe(
      `Nothing fits "missing".\nNothing fits "{x,y}".\n"ml show ${id} --outputs" lists what there is. Braces are for the shell: {a,b} in quotes is a name.\n`,
    );
    expect(readdirSync(here("ml-outputs", `some-${id}`)).toSorted()).toEqual(["a", "b[1].txt"]);
    expect(JSON.parse((await pull("a", "missing", "--json")).stdout).unmatched).toEqual([
      "missing",
    ]);
    expect((await pull("missing", "--include-log")).code).toBe(1);
    expect((await pull("a", "c")).code).toBe(0);
  });

  test("brings with a link what it leads to", async () => {
    const { id } = await leave(
      "linked",
      "mkdir ckpt && echo 1 > ckpt/1.pt && echo 2 > ckpt/2.pt && ln -s ckpt/2.pt latest.pt",
    );
    const { code, stdout } = await alice.ml(["pull", "linked", "latest.pt"]);
    expect([code, stdout]).toEqual([
      0,
      `Pulled 1 file (2 B) and 1 link of ${id} linked into ml-outputs/linked-${id}\n`,
    ]);
    expect(readFileSync(here("ml-outputs", `linked-${id}`, "latest.pt"), "utf8")).toBe("2\n");
    expect(existsSync(here("ml-outputs", `linked-${id}`, "ckpt/1.pt"))).toBe(false);
  });

  test("gives each of several attempts a folder of its own, and one to all of them for checkpoints", async () => {
    const script =
      'cd "$ML_OUTPUT_DIR"; echo $ML_ATTEMPT > which; echo $ML_ATTEMPT >> "$ML_CHECKPOINT_DIR/seen"; echo attempt $ML_ATTEMPT; test $ML_ATTEMPT = 2';
    await alice.ml(["queue", "twice", "--retries", "1", "--", "sh", "-c", script]);
    const { id } = JSON.parse((await alice.ml(["show", "twice", "--json"])).stdout) as {
      id: number;
    };
    // The second attempt would wait for ten seconds.
    const waits = async () => JSON.parse((await alice.ml(["show", "twice", "--json"])).stdout);
    for (let job = await waits(); job.state !== "queued" || job.attempt < 1; job = await waits()) {
      expect(job.state).not.toBe("failed");
    }
    await alice.ml(["edit", "twice", "--begin", "+0s"]);
    expect((await alice.ml(["wait", "twice"])).code).toBe(0);
    expect((await alice.ml(["pull", "twice", "--include-log"])).code).toBe(0);
    const target = here("ml-outputs", `twice-${id}`);
    expect(readdirSync(target).toSorted()).toEqual(
      [1, 2].flatMap((n) => [`${id}.${n}`, `${id}.${n}.log`]),
    );
    expect(readFileSync(join(target, `${id}.2/which`), "utf8")).toBe("2\n");
    expect(readFileSync(join(target, `${id}.1.log`), "utf8")).toBe("attempt 1\n");
    await alice.ml(["pull", `${id}#1`]);
    expect(readFileSync(here("ml-outputs", `twice-${id}.1/which`), "utf8")).toBe("1\n");
    await alice.ml(["pull", "twice", "--latest-only", "-o", "latest"]);
    expect(readFileSync(here("latest/which"), "utf8")).toBe("2\n");
    await alice.ml(["pull", "twice", "--checkpoints", "-o", "points"]);
    expect(readFileSync(here("points/seen"), "utf8")).toBe("1\n2\n");
    const shown = await alice.ml(["show", "twice"]);
    expect(shown.stdout).toMatch(/Outputs of attempt 2 {2}1 file, 2 B\n[^]*Outputs of attempt 1 /);
  });

  test("says so when a job has left nothing", async () => {
    await leave("idle", "true");
    const { code, stdout, stderr } = await alice.ml(["pull", "idle"]);
    expect([code, stdout]).toEqual([6, ""]);
    expect(stderr).toContain("has left nothing in $ML_OUTPUT_DIR.");
    expect(existsSync(here("ml-outputs/idle-1"))).toBe(false);
  });

  test("is refused for a job of somebody else, as if there were nothing", async () => {
    const { id } = await leave("secret", "echo x > x");
    for (const person of [await box.addPerson("bob"), await box.addPerson("victor", "viewer")]) {
      for (const args of [
        ["pull", `${id}`],
        ["pull", `${id}`, "--checkpoints"],
        ["pull", `${id}#1`, "x"],
      ]) {
        const { code, stdout, stderr } = await person.ml(args);
        expect([code, stdout]).toEqual([6, ""]);
        expect(stderr).toContain("outputs are for a job's owner and admins");
      }
      expect((await person.ml(["show", `${id}`])).stdout).not.toContain("Outputs");
      expect(existsSync(join(person.home, "work/ml-outputs"))).toBe(false);
    }
    const admin = await box.addPerson("anna", "admin");
    expect((await admin.ml(["pull", `${id}`])).code).toBe(0);
  });
});

describe("what a hostile job has left", () => {
  test("harms neither the laptop nor the terminal", async () => {
    const { id } = await leave(
      "hostile",
      `ln -s /etc/passwd evil && ln -s ../../control/log log && ln -s . loop && ln -s "$HOME" home && mkfifo pipe &&
       mkdir -p .git way && echo '[core]' > .git/config && printf x > "$(printf 'a\\033]0;owned\\007b\\nc')" &&
       printf x > "$(printf 'bad\\377')" && printf x > -rf && ln -s /etc way/etc && chmod u+s -- -rf`,
    );
    const { code, stdout, stderr } = await alice.ml(["pull", "hostile"]);
    const control = /[\p{Cc}--\n]/v;
    expect(stdout + stderr).not.toMatch(control);
    // Two files could not be given back: the exit code says so.
    expect(code).toBe(1);
    for (const words of [
      'evil is a link to "/etc/passwd"',
      "log is a link to",
      "home is a link to",
      "pipe is a device",
      '.git/config has ".git" as a part',
      "bad\\xff has a name that is not UTF-8",
    ]) {
      expect(stderr).toContain(words);
    }
    const target = here("ml-outputs", `hostile-${id}`);
    expect(readdirSync(target).toSorted()).toEqual(["-rf", "a\u001B]0;owned\u0007b\nc", "loop"]);
    expect(readlinkSync(join(target, "loop"))).toBe(".");
    expect(statSync(join(target, "-rf")).mode & 0o7000).toBe(0);
    const shown = await alice.ml(["show", "hostile"]);
    expect(shown.stdout).not.toMatch(control);
    expect(shown.stdout).toContain("a^[]0;owned^Gb^Jc");
  });

  test("is never part of the next snapshot", async () => {
    const { code, stderr } = await alice.ml([
      "run",
      "next",
      "--",
      "sh",
      "-c",
      "test ! -e ml-outputs",
    ]);
    expect([code, stderr.includes("ml-outputs")]).toEqual([0, false]);
  });
});
