// A second box made from a backup of the first, and questions whose answers must be the same on both.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MethodName, ParamsOf, ResultOf, SubmitParams } from "@fetchml/protocol";
import { Box, FETCHML, runToEnd, type Ended } from "./box.ts";

/** The least that a job of these tests says. */
export const SUBMISSION: SubmitParams = {
  name: "train",
  command: { argv: ["true"] },
  cwd: "",
  env: {},
  resources: { gpus: 0, cpus: 1, mem_bytes: 0 },
  timeout_ms: null,
  retries: 0,
  begin_at: null,
  hold: false,
  snapshot: null,
};

/** Calls a method with a key. @throws Error with the server's message */
export async function callWithKey<M extends MethodName>(
  box: Box,
  apiKey: string,
  [method, params]: readonly [M, ParamsOf<M>],
): Promise<ResultOf<M>> {
  const response = await fetch(`${box.httpUrl}/rpc`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}` },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const answer = (await response.json()) as { result: ResultOf<M>; error?: { message: string } };
  if (answer.error !== undefined) throw new Error(answer.error.message);
  return answer.result;
}

/** A box in a folder of its own that has no data folder yet. */
export function emptyBox(): Box {
  const folder = mkdtempSync(join(tmpdir(), "fetchml-restored-"));
  writeFileSync(join(folder, "config.toml"), "cpus = 4\n");
  return new Box(folder, { hasConfig: true, sandbox: "none" });
}

/** Restores a backup into a box of its own, starts that and hands it on; it is gone afterwards. */
export async function withRestored(
  file: string,
  work: (second: Box) => Promise<void>,
): Promise<void> {
  const second = emptyBox();
  try {
    const restored = await restoreInto(second, file);
    if (restored.code !== 0) throw new Error(restored.stderr);
    await second.start();
    await work(second);
  } finally {
    await second.stop();
    rmSync(second.folder, { recursive: true, force: true });
  }
}

/** Runs `fetchml restore` into a box's data folder. */
export function restoreInto(box: Box, file: string, more: readonly string[] = []): Promise<Ended> {
  return box.admin(["restore", file, ...more]);
}

/** Runs `fetchml` on a data folder. */
export function fetchmlOn(dataDir: string, args: readonly string[]): Promise<Ended> {
  return runToEnd([FETCHML, ...args, "--data-dir", dataDir], {
    env: { PATH: "/usr/bin:/bin", HOME: dataDir },
  });
}

/** Everything that a box answers an admin about jobs, users and keys, as far as it does not change by asking. */
export async function answersOf(box: Box, apiKey: string): Promise<unknown> {
  const jobs = await everyJob(box, apiKey);
  const ids = jobs.map(({ id }) => id);
  const queue = await callWithKey(box, apiKey, ["job.list", { everyone: true, limit: 1000 }]);
  return {
    jobs,
    shown: await shownJobs(box, apiKey, ids),
    queue: queue.jobs.map(({ id }) => id),
    ...(await usersAndKeys(box)),
  };
}

/** All that a box answers of each of these jobs. */
export function shownJobs(box: Box, apiKey: string, ids: readonly number[]): Promise<unknown[]> {
  return Promise.all(ids.map((id) => callWithKey(box, apiKey, ["job.get", { job: String(id) }])));
}

/** What a box says of its users and their keys, but for when the keys were last used. */
export async function usersAndKeys(box: Box) {
  const [users, keys] = await Promise.all([
    box.admin(["user", "list", "--json"]),
    box.admin(["key", "list", "--json"]),
  ]);
  return {
    users: JSON.parse(users.stdout) as unknown,
    keys: (JSON.parse(keys.stdout) as Record<string, unknown>[]).map(withoutUse),
  };
}

/** Every job of everybody, newest first, as the holder of this key sees it. */
export async function everyJob(box: Box, apiKey: string) {
  const jobs = [];
  let before: number | null = null;
  do {
    const page: ResultOf<"job.list"> = await callWithKey(box, apiKey, [
      "job.list",
      { all: true, everyone: true, limit: 1000, ...(before !== null && { before_id: before }) },
    ]);
    jobs.push(...page.jobs);
    before = page.next_before_id;
  } while (before !== null);
  return jobs;
}

/** A use is written down up to half a minute after it. */
function withoutUse(key: Record<string, unknown>): Record<string, unknown> {
  const {
    last_used_at: _at,
    last_used_address: _address,
    last_used_client: _client,
    ...rest
  } = key;
  return rest;
}
