// A full disk: what is new is refused, what runs goes on, nothing is corrupted, and all is well again when there is room.
import { afterEach, beforeEach, describe, expect } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until, writeProject, type Box, type Person } from "./box.ts";
import {
  openBoxOnSmallDisk,
  untilDatabaseHasRoom,
  type BoxOnSmallDisk,
} from "./box-on-small-disk.ts";
import { needsMount, type SmallDisk } from "./small-disk.ts";

const MIB = 1024 ** 2;
const test = needsMount();

let full: BoxOnSmallDisk;
let box: Box;
let disk: SmallDisk;
let alice: Person;

beforeEach(async () => {
  if (process.getuid?.() !== 0) return;
  full = await openBoxOnSmallDisk(48 * MIB, 'min_free = "8M"\nkeep_work = "0"\n');
  ({ box, disk, alice } = full);
  await untilDatabaseHasRoom(disk);
});

afterEach(async () => {
  if (process.getuid?.() !== 0) return;
  disk.empty();
  await alice.ml(["cancel", "--all", "--yes", "--now"]);
  await until(async () => (await unfinished()) === 0, "jobs go on after cancel");
  await full.close();
});

async function unfinished(): Promise<number> {
  const { stdout } = await alice.ml(["list", "--json"]);
  return stdout.trim() === "" ? 1 : JSON.parse(stdout).length;
}

async function jobOf(id: number) {
  return JSON.parse((await alice.ml(["show", String(id), "--json"])).stdout);
}

/** Queues a job that writes a line of 1,000 characters again and again until a file is there; answers that file. */
async function queueGated(code: number): Promise<string> {
  const gate = join(box.folder, "gate");
  const script = `x=$(printf %01000d 0); i=0; until [ -e '${gate}' ]; do i=$((i+1)); echo "line $i $x"; echo $i > '${gate}.count'; sleep 0.01; done; echo last; exit ${code}`;
  expect((await alice.ml(["queue", "gated", "--", "sh", "-c", script])).code).toBe(0);
  await until(async () => (await logOf(1)).includes("line 3 "), "the job does not begin");
  return gate;
}

const logOf = async (id: number) => (await alice.ml(["logs", String(id)])).stdout;
const linesWritten = (gate: string) => Number(readFileSync(`${gate}.count`, "utf8"));

describe("with less room than is kept free", () => {
  test("new jobs and projects are refused with the reason, ml status warns, and room mends it", async () => {
    disk.fill(4 * MIB);
    const refused = await alice.ml(["queue", "hello", "--", "true"]);
    expect(refused.code).toBe(5);
    expect(refused.stdout).toBe("");
    expect(refused.stderr).toContain("Cannot queue the job: the box has");
    expect(refused.stderr).toContain("fetchml gc");
    expect(refused.stderr.trim().split("\n").length).toBeLessThanOrEqual(3);

    const headers = { authorization: `Bearer ${alice.apiKey}` };
    for (const path of ["/snapshots", "/blobs"]) {
      const answer = await fetch(`${box.httpUrl}${path}`, { method: "POST", headers, body: "{}" });
      expect(answer.status).toBe(507);
      expect(await answer.text()).toContain("Cannot take the project");
    }

    const status = await alice.ml(["status"]);
    expect(status.code).toBe(0);
    expect(status.stdout).toMatch(/Disk +.* free +no job is taken and none starts until 8 MiB/);
    const { box: shown } = JSON.parse((await alice.ml(["status", "--json"])).stdout);
    expect(shown.disk.free_bytes).toBeLessThan(shown.disk.reserve_bytes);

    disk.empty();
    expect((await alice.ml(["run", "hello", "--", "true"])).code).toBe(0);
  }, 60_000);

  test("a queued job waits, says why, and starts when there is room", async () => {
    writeProject(join(alice.home, "work"), { "a.txt": "a" });
    expect((await alice.ml(["queue", "later", "--hold", "--", "cat", "a.txt"])).code).toBe(0);
    disk.fill(4 * MIB);
    expect((await alice.ml(["release", "later"])).code).toBe(0);
    expect((await alice.ml(["why", "later"])).stdout).toContain("The disk is nearly full");
    expect((await jobOf(1)).state).toBe("queued");
    disk.empty();
    expect((await alice.ml(["wait", "later"])).code).toBe(0);
    expect(await logOf(1)).toBe("a");
  }, 60_000);
});

test("an upload for which there is no room is refused with what it takes, leaves nothing half made, and works later", async () => {
  const work = writeProject(join(alice.home, "work"), { "small.txt": "small" });
  const large = new Uint8Array(12 * MIB);
  for (let at = 0; at < large.length; at += 65_536) {
    crypto.getRandomValues(large.subarray(at, at + 65_536));
  }
  writeFileSync(join(work, "large.bin"), large);
  disk.fill(9 * MIB);
  const refused = await alice.ml(["queue", "sums", "--", "sha256sum", "large.bin", "small.txt"]);
  expect(refused.code).toBe(5);
  expect(refused.stderr).toContain("Cannot take the project: it takes 12 MiB, and the box has ");
  const below = join(disk.path, "snapshots");
  for (const folder of ["blobs", "begun", "packs", "tmp"])
    expect(readdirSync(join(below, folder))).toEqual([]);
  expect((await alice.ml(["list", "--all", "--json"])).stdout.trim()).toBe("[]");
  disk.empty();
  const done = await alice.ml(["run", "sums", "--", "sha256sum", "large.bin", "small.txt"]);
  expect(done.code).toBe(0);
  expect(done.stdout).toContain(new Bun.CryptoHasher("sha256").update(large).digest("hex"));
}, 60_000);

describe("with no room at all", () => {
  test("a running job goes on, its log says what is missing, and its end is recorded as it was", async () => {
    const gate = await queueGated(7);
    disk.fill();
    const before = linesWritten(gate);
    await until(() => linesWritten(gate) > before + 200, "the job does not go on");
    disk.empty();
    const after = linesWritten(gate);
    await until(() => linesWritten(gate) > after + 20, "the job does not go on");
    writeFileSync(gate, "");
    expect((await alice.ml(["wait", "1"])).code).toBe(7);
    expect(await jobOf(1)).toMatchObject({ state: "failed", outcome: { exit_code: 7 } });
    const log = await logOf(1);
    expect(log).toContain("fetchml: the disk was full, and some of the log is missing here\n");
    expect(log).toContain(`line ${after + 10} `);
    expect(log).toEndWith("last\n");
    expect(log.split("\n").length).toBeLessThan(linesWritten(gate));
  }, 60_000);

  test("a job that ends meanwhile is not lost: its end comes when there is room", async () => {
    const gate = await queueGated(0);
    disk.fill();
    writeFileSync(gate, "");
    const { pid } = readJobFile();
    await until(() => !existsSync(`/proc/${pid}`), "the job does not end");
    // Known at once where its supervisor has found a page that it had itself given back; else when there is room.
    expect(["running", "succeeded"]).toContain((await jobOf(1)).state);
    disk.empty();
    expect((await alice.ml(["wait", "1"])).code).toBe(0);
    expect((await jobOf(1)).attempts).toHaveLength(1);
  }, 60_000);

  test("a job can be cancelled and a key revoked", async () => {
    await queueGated(0);
    disk.fill();
    const { pid } = readJobFile();
    expect((await alice.ml(["cancel", "1", "--now"])).code).toBe(0);
    await until(() => !existsSync(`/proc/${pid}`), "the job goes on after cancel");
    const bob = await box.admin(["user", "list", "--json"]);
    expect(bob.code).toBe(0);
    expect((await box.admin(["key", "revoke", "--user", "alice"])).code).toBe(0);
    expect((await alice.ml(["status"])).code).toBe(3);
    disk.empty();
    const issued = await box.admin(["key", "issue", "alice"]);
    expect(issued.code).toBe(0);
    alice = { ...alice, ...withKey(alice, issued.stdout.trim()) };
  }, 60_000);

  test("the server starts again, and knows all that it had acknowledged", async () => {
    await queueGated(0);
    disk.fill();
    await box.stop("SIGKILL");
    await box.start();
    expect((await jobOf(1)).state).toBe("running");
    expect((await alice.ml(["queue", "hello", "--", "true"])).code).toBe(5);
    disk.empty();
    await until(
      async () => (await alice.ml(["queue", "hello", "--", "true"])).code === 0,
      "no job is taken though there is room",
    );
  }, 60_000);
});

function readJobFile(): { readonly pid: number } {
  const text = readFileSync(join(disk.path, "attempts/1.1/control/job"), "utf8");
  return { pid: Number(text.split(" ")[0]) };
}

/** The same person with another key. */
function withKey(person: Person, apiKey: string): Pick<Person, "ml" | "apiKey"> {
  return {
    apiKey,
    ml: (args, options) =>
      person.ml(args, { ...options, env: { ...options?.env, ML_API_KEY: apiKey } }),
  };
}
