// `fetchml backup` of a box at work and `fetchml restore` into another: what runs again, what is lost, what is refused.
import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { FETCHML, openBox, runToEnd, until, writeProject, type Box, type Person } from "./box.ts";
import { emptyBox, fetchmlOn, restoreInto } from "./restored-box.ts";
import { needsSystem } from "./system-tool.ts";

let box: Box;
let alice: Person;

beforeAll(async () => {
  box = await openBox({ config: "cpus = 4\n" });
  alice = await box.addPerson("alice");
});

afterAll(() => box.close());

/** `ml` against one box; the key of a config goes only to the server that the config names. */
const mlAt = ({ url }: Box, words: readonly string[]) =>
  alice.ml(words, { env: { ML_API_URL: url, ML_API_KEY: alice.apiKey } });

const stateAt = async (at: Box, job: string): Promise<string> =>
  (JSON.parse((await mlAt(at, ["show", job, "--json"])).stdout) as { state: string }).state;

const destroy = async (second: Box) => {
  if (second.pid !== 0) {
    await mlAt(second, ["cancel", "--all", "--yes", "--now"]);
    await until(
      async () => (await mlAt(second, ["list", "--json"])).stdout.trim() === "[]",
      "jobs of the restored server do not end",
    );
  }
  await second.stop();
  rmSync(second.folder, { recursive: true, force: true });
};

test("a restored box runs what was queued, with its code and secrets; what ran then is lost or tried again", async () => {
  const project = writeProject(join(alice.home, "work/digits"), { "train.py": "print('ran')\n" });
  const gate = join(box.folder, "gate");
  const wait = `echo began; until [ -e '${gate}' ]; do sleep 0.05; done; echo first box`;
  const sh = (name: string, script: string, more: readonly string[] = []) =>
    alice.ml(["queue", name, ...more, "--", "sh", "-c", script], { cwd: project });
  expect((await alice.ml(["secret", "set", "HF_TOKEN"], { input: "hf_secret_value\n" })).code).toBe(
    0,
  );
  await sh("long", wait);
  await sh("tried", wait, ["--retries", "1"]);
  for (const name of ["long", "tried"])
    await until(async () => (await alice.ml(["logs", name])).stdout !== "", `${name} is not there`);
  const held = await sh("waits", 'cat train.py; test "$HF_TOKEN" = hf_secret_value && echo known', [
    "--hold",
    "--secret",
    "HF_TOKEN",
  ]);
  expect([held.code, held.stderr]).toEqual([0, expect.any(String)]);

  const file = join(box.folder, "story.backup.tar");
  const made = await box.admin(["backup", file, "--with-secrets"]);
  expect(made.stderr).toContain("Wrote and verified");
  expect(made.code).toBe(0);
  const second = emptyBox();
  try {
    const restored = await restoreInto(second, file);
    expect(restored.code).toBe(0);
    expect(restored.stderr).toContain("fetchml key list");
    expect(restored.stderr).toContain("2 attempts of then, now lost");
    await second.start();
    expect((await mlAt(second, ["status"])).code).toBe(0);
    const times = ["secret", "list", "--json"];
    expect((await mlAt(second, times)).stdout).toBe((await alice.ml(times)).stdout);
    expect(await stateAt(second, "long")).toBe("lost");
    await until(
      async () => (await stateAt(second, "tried")) === "running",
      "it is not tried again",
    );
    expect((await mlAt(second, ["release", "waits"])).code).toBe(0);
    expect((await mlAt(second, ["wait", "waits"])).code).toBe(0);
    expect((await mlAt(second, ["logs", "waits"])).stdout).toBe("print('ran')\nknown\n");

    for (const name of ["long", "tried"]) expect(await stateAt(box, name)).toBe("running");
    writeFileSync(gate, "");
    for (const name of ["long", "tried"]) {
      expect((await alice.ml(["wait", name])).code).toBe(0);
      expect((await alice.ml(["logs", name])).stdout).toBe("began\nfirst box\n");
    }
    expect((await mlAt(second, ["wait", "tried"])).code).toBe(0);
  } finally {
    await destroy(second);
  }
}, 60_000);

test("without blobs the next submit of an unchanged project sends its code again", async () => {
  const project = writeProject(join(alice.home, "work/again"), { "train.py": "print('again')\n" });
  const words = ["run", "again", "--", "cat", "train.py"];
  expect((await alice.ml(words, { cwd: project })).code).toBe(0);
  const file = join(box.folder, "without.backup.tar");
  expect((await box.admin(["backup", file])).code).toBe(0);
  const second = emptyBox();
  try {
    expect((await restoreInto(second, file)).code).toBe(0);
    await second.start();
    const env = { ML_API_URL: second.url, ML_API_KEY: alice.apiKey };
    const ran = await alice.ml(words, { cwd: project, env });
    expect([ran.code, ran.stdout]).toEqual([0, "print('again')\n"]);
  } finally {
    await destroy(second);
  }
}, 60_000);

test("restore refuses the folder of a running server, and a file that is none, in words", async () => {
  const file = join(box.folder, "refused.backup.tar");
  expect((await box.admin(["backup", file])).code).toBe(0);
  const busy = await box.admin(["restore", file]);
  expect(busy.code).toBe(5);
  expect(busy.stderr).toContain("is not empty");
  expect((await alice.ml(["status"])).code).toBe(0);
  const again = await box.admin(["backup", file]);
  expect([again.code, again.stderr.includes("--force")]).toEqual([5, true]);
  expect((await box.admin(["backup", "-"])).code).toBe(2);
  expect((await box.admin(["backup"])).code).toBe(2);
  const none = await fetchmlOn(join(box.folder, "none"), ["restore", join(box.folder, "server.x")]);
  expect([none.code, none.stderr.includes("Cannot read")]).toEqual([2, true]);
});

test("--revoke-all-keys: no key of then opens the restored server", async () => {
  const file = join(box.folder, "revoked.backup.tar");
  expect((await box.admin(["backup", file])).code).toBe(0);
  const second = emptyBox();
  try {
    const restored = await restoreInto(second, file, ["--revoke-all-keys"]);
    expect([restored.code, restored.stderr.includes("fetchml key issue")]).toEqual([0, true]);
    await second.start();
    expect((await mlAt(second, ["status"])).code).toBe(3);
  } finally {
    await second.stop();
    rmSync(second.folder, { recursive: true, force: true });
  }
});

const isRoot = process.getuid?.() === 0;

test.if(isRoot)(
  "root backs up and restores for the account that owns the data folder",
  async () => {
    const NOBODY = 65_534;
    const file = join(box.folder, "owned.backup.tar");
    expect((await box.admin(["backup", file, "--with-blobs", "--with-secrets"])).code).toBe(0);
    const second = emptyBox();
    try {
      chmodSync(second.folder, 0o711);
      mkdirSync(second.dataDir, { mode: 0o700 });
      chownSync(second.dataDir, NOBODY, NOBODY);
      const ownersIn = () =>
        new Set(
          readdirSync(second.dataDir, { recursive: true, encoding: "utf8" }).map(
            (name) => statSync(join(second.dataDir, name)).uid,
          ),
        );
      expect((await restoreInto(second, file)).code).toBe(0);
      expect(ownersIn()).toEqual(new Set([NOBODY]));
      expect((await second.admin(["backup", join(second.folder, "x.backup.tar")])).code).toBe(0);
      expect(ownersIn()).toEqual(new Set([NOBODY]));
    } finally {
      rmSync(second.folder, { recursive: true, force: true });
    }
  },
);

needsSystem("script")(
  "on a terminal a line shows bytes and rate, and is wiped at the end",
  async () => {
    const file = join(box.folder, "shown.backup.tar");
    const line = `'${FETCHML}' backup '${file}' --data-dir '${box.dataDir}'`;
    const { code, stdout } = await runToEnd(["script", "-qec", line, "/dev/null"], {
      env: { PATH: process.env["PATH"] ?? "", HOME: box.folder, SHELL: "/bin/sh" },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/writing [\d.]+ \S+, [\d.]+ \S+\/s/);
    expect(stdout).toContain("\r\u001b[KWrote and verified");
  },
);

needsSystem("rsync")(
  "a box that has never run a job is copied by the documented line",
  async () => {
    const fresh = await openBox();
    try {
      const page = readFileSync(join(import.meta.dir, "../docs/operations.md"), "utf8");
      const [line = ""] = /^sudo rsync -a --delete .*$/m.exec(page) ?? [];
      const typed = line
        .replace("sudo ", "")
        .replaceAll("/var/lib/fetchml", fresh.dataDir)
        .replace("/var/backups", join(fresh.folder, "backups"));
      expect(typed).toContain(fresh.folder);
      const env = { PATH: process.env["PATH"] ?? "" };
      expect(await runToEnd(["sh", "-c", typed], { env })).toEqual({
        code: 0,
        stdout: "",
        stderr: "",
      });
      expect(readdirSync(join(fresh.folder, "backups")).toSorted()).toEqual([
        "attempts",
        "checkpoints",
      ]);
    } finally {
      await fresh.close();
    }
  },
);
