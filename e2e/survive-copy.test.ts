// A crash-consistent copy: the server is stopped at a random moment, its folder copied, a second server started from the copy.
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job } from "@fetchml/protocol";
import { Box, openBox, until, type Person } from "./box.ts";
import { databaseFaults } from "./torture/database-faults.ts";
import { seededRandom } from "./torture/random.ts";

const COPIES = 4;
const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
const random = seededRandom(seed);

/** Submits one job after the other until it is told to stop; each id is noted as soon as it is printed. */
async function submitOn(person: Person, load: { goesOn: boolean; readonly ids: Set<number> }) {
  for (let count = 0; load.goesOn; count += 1) {
    const script = `echo began; sleep 0.0${count % 10}; echo ended`;
    const words = ["queue", `job-${count}`, "--json", "--", "sh", "-c", script];
    const { code, stdout } = await person.ml(words);
    if (code === 0) load.ids.add((JSON.parse(stdout) as { id: number }).id);
    if (count % 3 === 2) await person.ml(["cancel", `job-${count - 1}`, "--now"]);
    await Bun.sleep(random.whole(0, 100));
  }
}

/** Copies the data folder of a server that stands still; answers the copy, and what was acknowledged before. */
async function copyStopped(box: Box, acknowledged: ReadonlySet<number>) {
  const folder = mkdtempSync(join(tmpdir(), "fetchml-copy-"));
  process.kill(box.pid, "SIGSTOP");
  try {
    await until(async () => (await stateOf(box.pid)) === "T", "the server does not stand still");
    const before = [...acknowledged];
    const copied = Bun.spawn(["cp", "-a", box.dataDir, join(folder, "data")], { stderr: "pipe" });
    // Jobs run on and end meanwhile: what they remove is not there to be copied.
    await copied.exited;
    return { folder, before };
  } finally {
    process.kill(box.pid, "SIGCONT");
  }
}

async function stateOf(pid: number): Promise<string> {
  const stat = await Bun.file(`/proc/${pid}/stat`).text();
  return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
}

/** Runs `ml` against one of the two servers; the key of a config is only sent to the server that the config names. */
const askAt = ({ url }: Box, person: Person, words: readonly string[]) =>
  person.ml(words, { env: { ML_API_URL: url, ML_API_KEY: person.apiKey } });

const jobsOf = async (person: Person, box: Box): Promise<readonly Job[]> => {
  const words = ["list", "--all", "--limit", "10000", "--json"];
  const { code, stdout, stderr } = await askAt(box, person, words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as Job[];
};

test(`a second server on a copy knows all that was acknowledged, and touches no job of the first (seed ${seed})`, async () => {
  const box = await openBox({ config: "cpus = 4\n" });
  const load = { goesOn: true, ids: new Set<number>() };
  try {
    const alice = await box.addPerson("alice");
    const gate = join(box.folder, "gate");
    const script = `trap 'echo asked to end' TERM; echo $$; until [ -e '${gate}' ]; do sleep 0.05; done; echo done`;
    const long = ["queue", "long", "--timeout", "1h", "--", "sh", "-c", script];
    expect((await alice.ml(long)).code).toBe(0);
    await until(async () => (await alice.ml(["logs", "long"])).stdout !== "", "it does not begin");
    const pid = (await alice.ml(["logs", "long"])).stdout;

    const people = [alice, await box.addPerson("bob"), await box.addPerson("carol")];
    const submitting = Promise.all(people.map((person) => submitOn(person, load)));
    for (let copy = 0; copy < COPIES; copy += 1) {
      await Bun.sleep(random.whole(100, 900));
      const { folder, before } = await copyStopped(box, load.ids);
      writeFileSync(join(folder, "config.toml"), "cpus = 4\n");
      const second = new Box(folder, { hasConfig: true, sandbox: "none" });
      try {
        await second.start();
        const known = (await Promise.all(people.map((each) => jobsOf(each, second)))).flat();
        const ids = new Set(known.map(({ id }) => id));
        expect(before.filter((id) => !ids.has(id))).toEqual([]);
        expect(known.find(({ name }) => name === "long")).toMatchObject({ state: "lost" });
        expect(databaseFaults(second.dataDir)).toEqual([]);
        const cancelAll = ["cancel", "--all", "--yes", "--now"];
        await Promise.all(people.map((each) => askAt(second, each, cancelAll)));
        const again = ["run", "again", "--", "echo", "works"];
        expect(await askAt(second, alice, again)).toMatchObject({ code: 0, stdout: "works\n" });
      } finally {
        await second.stop();
        rmSync(folder, { recursive: true, force: true });
      }
    }
    load.goesOn = false;
    await submitting;
    writeFileSync(gate, "");
    expect((await alice.ml(["wait", "long"])).code).toBe(0);
    expect((await alice.ml(["logs", "long"])).stdout).toBe(`${pid}done\n`);
    for (const person of people) {
      await person.ml(["cancel", "--all", "--yes", "--now"]);
      await until(
        async () => (await person.ml(["list", "--json"])).stdout.trim() === "[]",
        "jobs of the first server do not end",
      );
      for (const job of await jobsOf(person, box)) {
        expect({ id: job.id, state: job.state }).toEqual({
          id: job.id,
          state: expect.stringMatching(/^(succeeded|cancelled)$/),
        });
      }
    }
  } finally {
    load.goesOn = false;
    await box.close();
  }
}, 180_000);
