// The main road with each sandbox that the machine offers: queue, setup, follow, mounts, cancel, and nothing left behind.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Box, openBox, type Person, until, writeProject } from "./box.ts";

const isRoot = process.geteuid?.() === 0;
const data = `/opt/fetchml-test-${process.pid}`;
const KINDS = [
  ...(Bun.which("bwrap") === null ? [] : (["bubblewrap"] as const)),
  ...(isRoot ? (["account"] as const) : []),
];

/** Tells the daemon of this run from any other. */
const SECONDS = `9${process.pid}`;

const PROJECT = `[project]
setup = "mkdir -p tools; echo made > tools/made"
setup_key = ["deps.lock"]

[jobs.train]
command = "sh train.sh"

[jobs.stay]
command = "setsid sleep ${SECONDS} & echo ready; sleep 1000"

[jobs.nosey]
command = "cat /proc/*/environ 2>/dev/null | tr '\\\\0' '\\\\n' | grep -c '^FETCHML_SECRET' ; ls ~ /job 2>/dev/null"
`;

describe.each(KINDS)("with --sandbox %s", (sandbox) => {
  let box: Box;
  let alice: Person;
  let project: string;

  beforeAll(async () => {
    // Only root can make a folder that every account reaches.
    const config = isRoot
      ? `mounts = [{ path = "${data}" }, { path = "${data}-rw", mode = "rw" }]\n`
      : "";
    if (isRoot) {
      mkdirSync(data, { recursive: true, mode: 0o755 });
      mkdirSync(`${data}-rw`, { recursive: true });
      chmodSync(`${data}-rw`, 0o1777);
      writeFileSync(join(data, "set"), "rows\n", { mode: 0o644 });
    }
    box = await openBox({ sandbox, config });
    alice = await box.addPerson("alice");
    project = writeProject(join(alice.home, "project"), {
      "ml.toml": PROJECT,
      "deps.lock": "1",
      "train.sh": 'cat tools/made; echo weights > "$ML_OUTPUT_DIR/model"; id -u; pwd\n',
    });
  });
  afterAll(async () => {
    for (const folder of [data, `${data}-rw`]) rmSync(folder, { recursive: true, force: true });
    await box.close();
  });

  test("a job is queued, set up, run and followed, and its exit code comes back", async () => {
    const { code, stdout } = await alice.ml(["run", "train"], { cwd: project });
    expect(code, `${stdout}\n${box.log}`).toBe(0);
    expect(stdout).toContain("made\n");
    expect(stdout).toContain("fetchml: setup done in");
    const runsEachTime = "is not kept, and so it runs for each attempt: only jobs in the sandbox";
    expect(stdout.includes(runsEachTime)).toBe(sandbox !== "bubblewrap");
    if (isRoot) expect(stdout).not.toMatch(/^0$/m);
    if (sandbox === "bubblewrap") expect(stdout).toEndWith("/job/work\n");
    const outputs = join(box.dataDir, "attempts/1.1/job/outputs");
    expect(readFileSync(join(outputs, "model"), "utf8")).toBe("weights\n");
  });

  test("a setup that fails is told as the reason, with exit code 125", async () => {
    const broken = writeProject(join(alice.home, "broken"), {
      "ml.toml": PROJECT.replace("mkdir -p tools;", "exit 3;"),
      "deps.lock": "2",
    });
    const { code, stderr } = await alice.ml(["run", "train"], { cwd: broken });
    expect(code).toBe(125);
    expect(stderr).toContain("failed in its setup, which exited with code 3");
    const { stdout } = await alice.ml(["why", "@"]);
    expect(stdout).toContain("failed in its setup");
    const shown: unknown = JSON.parse((await alice.ml(["show", "@", "--json"])).stdout);
    expect(shown).toMatchObject({ state: "failed", outcome: { kind: "setup", exit_code: 3 } });
  });

  test("a cancelled job leaves no process, whatever session it has", async () => {
    const { stdout } = await alice.ml(["queue", "stay"], { cwd: project });
    expect(stdout).not.toBe("");
    await until(
      async () => (await alice.ml(["logs", "@"])).stdout.includes("ready"),
      "the job does not run",
    );
    expect(sleepers()).not.toEqual([]);
    await alice.ml(["cancel", "@"]);
    await alice.ml(["wait", "@"]);
    expect(sleepers()).toEqual([]);
  });

  test.skipIf(!isRoot)(
    "mounts are seen at their path, and only listed ones may be asked for",
    async () => {
      const read = [
        "--",
        "sh",
        "-c",
        `cat ${data}/set; touch ${data}/x; touch ${data}-rw/x; ls ${data}-rw`,
      ];
      const { code, stdout } = await alice.ml(["run", "look", "--mount", data, ...read]);
      if (sandbox === "bubblewrap") {
        expect([code, stdout]).toEqual([
          0,
          expect.stringMatching(/^rows\n.*Read-only file system.*\nx\n$/s),
        ]);
      }
      const refused = await alice.ml(["run", "look", "--mount", "/srv/other", "--", "true"]);
      expect([refused.code, refused.stderr]).toEqual([5, expect.stringContaining(`only ${data}`)]);
      const wrong = await alice.ml(["run", "look", "--mount", "data", "--", "true"]);
      expect(wrong.code).toBe(2);
    },
  );

  test("the server says which sandbox it has, and `ml status` too", async () => {
    expect(box.log).toContain(`"kind":"${sandbox}"`);
    expect((await alice.ml(["status"])).stdout).toContain(sandbox);
  });
});

/** Pids of the daemon that `stay` leaves. */
function sleepers(): readonly string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8") === `sleep\0${SECONDS}\0`;
    } catch {
      return false;
    }
  });
}
