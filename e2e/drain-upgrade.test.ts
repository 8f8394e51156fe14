// An upgrade with real executables: drain, replace the file, start the new one. No running job is touched.
import { expect, test } from "bun:test";
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Box, FETCHML, until, type Person } from "./box.ts";

const JOBS = ["1", "2", "3"] as const;

/** The processes of an attempt as its control files name them, each with its start time. */
const processesOf = (box: Box, id: string) =>
  ["supervisor", "job", "watchdog"].map((file) =>
    readFileSync(join(box.dataDir, "attempts", `${id}.1`, "control", file), "utf8"),
  );

/** Puts a copy of the program in the place of an executable, as an installation does. */
function install(executable: string): void {
  copyFileSync(FETCHML, `${executable}.new`);
  renameSync(`${executable}.new`, executable);
}

async function stateOf(alice: Person, id: string): Promise<string> {
  return JSON.parse((await alice.ml(["show", id, "--json"])).stdout).state;
}

const isAlive = (identity: string) => {
  const [pid = "", start = ""] = identity.split(" ");
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] === start.trim();
};

test("drain, another executable and a start leave every running job as it was, to the byte of its log", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fetchml-upgrade-"));
  const executable = join(folder, "fetchml");
  install(executable);
  writeFileSync(join(folder, "config.toml"), "cpus = 4\n");
  const box = new Box(folder, { hasConfig: true, sandbox: "none", program: [executable] });
  await box.start();
  try {
    const alice = await box.addPerson("alice");
    const gate = join(folder, "gate");
    for (const id of JOBS) {
      const script = `i=0; until [ -e '${gate}' ]; do i=$((i + 1)); echo "line $i"; sleep 0.01; done; echo $i > '${gate}.${id}'; exit 1${id}`;
      const words = ["queue", `job-${id}`, "--timeout", "1h", "--", "sh", "-c", script];
      expect((await alice.ml(words)).code).toBe(0);
      await until(async () => (await stateOf(alice, id)) === "running", `${id} does not run`);
      await until(() => processesOf(box, id).every((file) => file !== ""), "no watchdog");
    }
    const before = JOBS.map((id) => processesOf(box, id));
    expect((await box.admin(["drain"])).code).toBe(0);
    expect((await alice.ml(["queue", "next", "--", "echo", "next"])).code).toBe(0);
    install(executable);
    expect(readFileSync(`/proc/${box.pid}/cmdline`, "utf8")).toContain(executable);
    expect(await box.stop("SIGTERM")).toBe(0);
    await box.start();
    expect(JOBS.map((id) => processesOf(box, id))).toEqual(before);
    expect(before.flat().filter((identity) => !isAlive(identity))).toEqual([]);
    for (const id of JOBS) expect(await stateOf(alice, id)).toBe("running");
    expect(await stateOf(alice, "4")).toBe("queued");
    expect((await box.admin(["resume"])).code).toBe(0);
    expect((await alice.ml(["wait", "4"])).code).toBe(0);
    writeFileSync(gate, "");
    for (const id of JOBS) {
      expect((await alice.ml(["wait", id])).code).toBe(Number(`1${id}`));
      const lines = Number(readFileSync(`${gate}.${id}`, "utf8"));
      const whole = Array.from({ length: lines }, (_, line) => `line ${line + 1}\n`).join("");
      expect((await alice.ml(["logs", id, "--raw"])).stdout).toBe(whole);
      expect(JSON.parse((await alice.ml(["show", id, "--json"])).stdout).attempts).toHaveLength(1);
    }
  } finally {
    await box.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
