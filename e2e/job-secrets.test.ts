// A secret reaches a job and nothing else: not the disk, no list, no log, no process list, through the compiled programs.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBox, until, type Box, type Person } from "./box.ts";

let box: Box;
let alice: Person;

beforeAll(async () => {
  box = await openBox({ sandbox: "auto" });
  alice = await box.addPerson("alice");
  await alice.ml(["secret", "set", "HF_TOKEN"], { input: VALUE });
});
afterAll(() => box.close());

const VALUE = "hf_9sQ2vHunterTwo7";
const MASK = "*".repeat(VALUE.length);

/** All files of the box that hold the value, and all processes that show it in their arguments. */
function traces(): string[] {
  const files = readdirSync(box.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    // What the job itself prints is its log, and stays as it is.
    .filter((path) => !path.endsWith("/control/log"));
  const processes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => `/proc/${pid}/cmdline`);
  return [...files, ...processes].filter((path) => {
    try {
      return readFileSync(path).includes(VALUE);
    } catch {
      return false;
    }
  });
}

test("ml queue --secret hands the value to the job, and every way of showing its log masks it", async () => {
  const line = `echo "got $HF_TOKEN"; while [ ! -e "$ML_OUTPUT_DIR/go" ]; do sleep 0.05; done; echo "again $HF_TOKEN"; printf %s "$HF_TOKEN" | cksum; exit 1`;
  const queued = await alice.ml([
    "queue",
    "train",
    "--secret",
    "HF_TOKEN",
    "--json",
    "--",
    "sh",
    "-c",
    line,
  ]);
  expect([queued.code, queued.stderr]).toEqual([0, expect.any(String)]);
  const { id } = JSON.parse(queued.stdout) as { id: number };
  await until(async () => (await alice.ml(["logs", `${id}`])).stdout.includes("got"), "the log");
  expect(traces()).toEqual([]);
  const following = alice.start(["logs", "-f", `${id}`]);
  let followed = "";
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of following.stdout) followed += decoder.decode(chunk, { stream: true });
  })();
  await until(() => followed.includes("got"), "the follower shows nothing");
  // Neither a rotation nor a restart changes what is hidden.
  await alice.ml(["secret", "set", "HF_TOKEN"], { input: "another value" });
  await box.stop("SIGKILL");
  await box.start();
  writeFileSync(join(box.dataDir, "attempts", `${id}.1`, "job/outputs/go"), "");
  await until(
    async () => (await alice.ml(["why", `${id}`])).stdout.includes("again"),
    "the end of the job",
  );
  const sum = Bun.spawnSync(["cksum"], { stdin: Buffer.from(VALUE) }).stdout.toString();
  const log = `got ${MASK}\nagain ${MASK}\n${sum}`;
  await reading;
  expect(followed).toBe(log);
  expect((await alice.ml(["logs", `${id}`])).stdout).toBe(log);
  expect((await alice.ml(["logs", "--raw", `${id}`])).stdout).toBe(log);
  expect((await alice.ml(["logs", "-n", "2", `${id}`])).stdout).toBe(`again ${MASK}\n${sum}`);
  expect((await alice.ml(["pull", `${id}`, "--include-log"])).code).toBe(0);
  const pulled = join(alice.home, "work/ml-outputs", `train-${id}`);
  const files = readdirSync(pulled, { recursive: true, encoding: "utf8" });
  const name = files.find((file) => file.endsWith(".log")) ?? "";
  expect(readFileSync(join(pulled, name), "utf8")).toBe(log);
  const shown = await Promise.all(
    [
      ["show", `${id}`],
      ["show", `${id}`, "--json"],
      ["why", `${id}`],
      ["list", "--all", "--json"],
    ].map((words) => alice.ml(words)),
  );
  expect(shown[0]?.stdout).toMatch(/Secrets +HF_TOKEN/);
  const said = shown.map(({ stdout, stderr }) => stdout + stderr).join("");
  expect(said + queued.stdout + queued.stderr + box.log).not.toContain(VALUE);
  expect(traces()).toEqual([]);
});

test("a secret that there is not is refused at submit, with what to type, and no value is taken for a name", async () => {
  for (const verb of ["queue", "run", "submit"]) {
    const refused = await alice.ml([verb, "x", "--secret", "NONE", "--", "true"]);
    expect([verb, refused.code]).toEqual([verb, 5]);
    expect(refused.stderr).toContain("ml secret set NONE");
  }
  const typed = await alice.ml(["queue", "x", "--secret", `HF_TOKEN=${VALUE}`, "--", "true"]);
  expect(typed.code).toBe(2);
  expect(typed.stderr).not.toContain(VALUE);
  const planned = await alice.ml(["queue", "x", "--secret", "HF_TOKEN", "--dry-run", "--", "true"]);
  expect(planned.stdout).toMatch(/Secrets +HF_TOKEN/);
});

test("ml redo keeps a job's secrets and adds others; one that is gone at the start is told", async () => {
  await alice.ml(["secret", "set", "OTHER"], { input: "other value" });
  const line = 'test "${#HF_TOKEN} ${#OTHER}" = "13 11"';
  await alice.ml(["run", "one", "--secret", "HF_TOKEN", "--", "sh", "-c", line]);
  const redo = await alice.ml(["redo", "one", "--secret", "OTHER", "--json"]);
  const { id } = JSON.parse(redo.stdout) as { id: number };
  await until(
    async () => (await alice.ml(["show", `${id}`, "--json"])).stdout.includes('"exit_code":0'),
    "the end",
  );
  const held = await alice.ml(["redo", `${id}`, "--hold", "--json"]);
  const { id: late } = JSON.parse(held.stdout) as { id: number };
  await alice.ml(["secret", "rm", "OTHER"]);
  await alice.ml(["release", `${late}`]);
  await until(
    async () => (await alice.ml(["why", `${late}`])).stdout.includes("ml secret set OTHER"),
    "the reason",
  );
  expect(existsSync(join(box.dataDir, "attempts", `${late}.1`, "control/variables"))).toBe(false);
  rmSync(join(alice.home, "work/ml-outputs"), { recursive: true, force: true });
});
