// The box is restarted while jobs run: each is lost, and goes on from its checkpoints where it has retries left.
import { expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBox, until, type Box } from "./box.ts";

const TRAINING = `echo "attempt $ML_ATTEMPT resume $ML_RESUME"
if [ "$ML_RESUME" = 1 ]; then cat "$ML_CHECKPOINT_DIR/saved"; exit 0; fi
echo "$ML_CHECKPOINT_DIR" >"$ML_CHECKPOINT_DIR/saved"
echo saved
exec sleep 1000`;

/** What a boot leaves of an attempt: no process, no end, and the name of the boot before. */
async function forgetBoot(box: Box, attempt: string): Promise<void> {
  const control = join(box.dataDir, "attempts", attempt, "control");
  const pidOf = (file: string) => Number.parseInt(readFileSync(join(control, file), "utf8"), 10);
  const [supervisor, job] = [pidOf("supervisor"), pidOf("job")];
  process.kill(supervisor, "SIGKILL");
  process.kill(-job, "SIGKILL");
  await until(() => !existsSync(`/proc/${job}`), "its job does not end");
  const line = readFileSync(join(control, "supervisor"), "utf8");
  writeFileSync(join(control, "supervisor"), line.replace(/[0-9a-f-]{36}@/, "the-boot-before@"));
}

test("after a reboot a job is lost, and is queued again with its checkpoints if it has retries", async () => {
  const box = await openBox({ config: "cpus = 4\n" });
  try {
    const alice = await box.addPerson("alice");
    const queue = (name: string, ...options: string[]) =>
      alice.ml(["queue", name, ...options, "--", "sh", "-c", TRAINING]);
    await queue("once");
    await queue("again", "--retries", "1");
    const show = async (name: string) =>
      JSON.parse((await alice.ml(["show", name, "--json"])).stdout);
    for (const name of ["once", "again"]) {
      const saved = async () => (await alice.ml(["logs", name])).stdout.includes("saved");
      await until(saved, `${name} does not save`);
    }
    await box.stop("SIGKILL");
    await Promise.all(["1.1", "2.1"].map((attempt) => forgetBoot(box, attempt)));
    await box.start();

    const lost = { kind: "lost", message: "The box was restarted while it ran." };
    await until(async () => (await show("once")).state === "lost", "it is not told lost");
    expect(await show("once")).toMatchObject({ attempt: 1, outcome: lost });
    expect((await show("again")).attempts[0].outcome).toEqual(lost);
    expect((await alice.ml(["wait", "again"])).code).toBe(0);
    expect((await show("again")).attempts).toMatchObject([{ number: 1 }, { number: 2 }]);
    const log = (await alice.ml(["logs", "again#2"])).stdout;
    expect(log).toMatch(/^attempt 2 resume 1\n\/.*\/checkpoints\/2\n$/);
    expect((await alice.ml(["logs", "again#1"])).stdout).toStartWith("attempt 1 resume 0\n");
  } finally {
    await box.close();
  }
}, 90_000);
