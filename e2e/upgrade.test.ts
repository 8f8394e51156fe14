// Every schema that a program has had: today's server opens its data folder, and all that is in it is as it was.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job } from "@fetchml/protocol";
import { Box, personAt, until, writeConfig, type Person } from "./box.ts";
import { makeOldDataFolder, MIGRATION_FILES, OLD_JOBS, type OldKeys } from "./old-data-folder.ts";
import { databaseFaults } from "./torture/database-faults.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-upgrade-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Somebody whose config holds this key. */
function holderOf(apiKey: string, name: string, { httpUrl }: Box): Person {
  const person = personAt(join(folder, "home", name), { name, apiKey });
  writeConfig(person.home, { apiKey, port: Number(new URL(httpUrl).port) });
  return person;
}

async function expectKeysAsBefore(keys: OldKeys, box: Box): Promise<void> {
  const codes = await Promise.all([
    holderOf(keys.alice, "alice", box).ml(["whoami"]),
    holderOf(keys.bob, "bob", box).ml(["whoami"]),
    holderOf(keys.revoked, "stranger", box).ml(["whoami"]),
  ]);
  expect(codes.map(({ code }) => code)).toEqual([0, 0, 3]);
}

async function expectJobsAsBefore(alice: Person): Promise<void> {
  const listed = await alice.ml(["list", "--all", "--json"]);
  const jobs: Job[] = JSON.parse(listed.stdout);
  const states = Object.fromEntries(jobs.map(({ id, state, reason }) => [id, reason ?? state]));
  expect(states).toMatchObject({
    [OLD_JOBS.done]: "succeeded",
    [OLD_JOBS.failed]: "failed",
    [OLD_JOBS.cancelled]: "cancelled",
    [OLD_JOBS.running]: "lost",
    [OLD_JOBS.next]: "succeeded",
    [OLD_JOBS.held]: "held",
  });
  const failed: Job = JSON.parse(
    (await alice.ml(["show", String(OLD_JOBS.failed), "--json"])).stdout,
  );
  expect(failed.outcome).toEqual({ kind: "exited", exit_code: 3 });
  const log = await alice.ml(["logs", String(OLD_JOBS.running)]);
  expect(log.stdout).toBe("as far as it got\n");
}

describe.each(MIGRATION_FILES.map((file, index) => [file.replace(".sql", ""), index + 1] as const))(
  "a data folder whose last migration is %s",
  (_, migrations) => {
    test("keeps its users, keys and jobs, starts what was queued, and takes new jobs", async () => {
      const keys = makeOldDataFolder(join(folder, "data"), migrations);
      const box = new Box(folder, { hasConfig: false, sandbox: "none" });
      await box.start();
      try {
        const alice = holderOf(keys.alice, "alice", box);
        await expectKeysAsBefore(keys, box);
        await until(
          async () => (await alice.ml(["wait", String(OLD_JOBS.next)])).code === 0,
          "what was queued does not run",
        );
        expect((await alice.ml(["logs", String(OLD_JOBS.next)])).stdout).toBe("from before\n");
        await expectJobsAsBefore(alice);
        expect((await alice.ml(["release", String(OLD_JOBS.held)])).code).toBe(0);
        expect((await alice.ml(["wait", String(OLD_JOBS.held)])).code).toBe(0);
        const fresh = await alice.ml(["run", "fresh", "--", "echo", "works"]);
        expect([fresh.code, fresh.stdout]).toEqual([0, "works\n"]);
        const again = await alice.ml(["redo", String(OLD_JOBS.failed), "--json"]);
        const { id }: Job = JSON.parse(again.stdout);
        expect((await alice.ml(["wait", String(id)])).code).toBe(0);
        expect((await alice.ml(["logs", String(id)])).stdout).toBe("from before\n");
        expect((await box.admin(["audit", "--json"])).stdout).toContain("user.add");
        expect(databaseFaults(box.dataDir)).toEqual([]);
      } finally {
        await box.close();
      }
    }, 60_000);
  },
);
