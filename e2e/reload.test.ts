// SIGHUP: the server takes what it can of changed settings, says what needs a restart, and goes on.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBox, until, type Box, type Person } from "./box.ts";

let box: Box;
let alice: Person;

beforeAll(async () => {
  box = await openBox({ config: 'allowed_hosts = ["old.example"]\n' });
  alice = await box.addPerson("alice");
});

afterAll(() => box.close());

async function hangUp(config: string, event: string): Promise<void> {
  const before = box.log.split(event).length;
  writeFileSync(join(box.folder, "config.toml"), config);
  process.kill(box.pid, "SIGHUP");
  await until(() => box.log.split(event).length > before, `no ${event} in the log`);
}

const statusUnder = async (host: string): Promise<number> => {
  const headers = { host, authorization: `Bearer ${alice.apiKey}` };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "user.whoami" });
  return (await fetch(`${box.httpUrl}/rpc`, { method: "POST", headers, body })).status;
};

test("takes names under which it answers, and the level of its log", async () => {
  expect([await statusUnder("old.example"), await statusUnder("new.example")]).toEqual([200, 403]);
  await hangUp('allowed_hosts = ["new.example"]\nlog_level = "debug"\n', "settings-reloaded");
  expect([await statusUnder("old.example"), await statusUnder("new.example")]).toEqual([403, 200]);
  expect(box.log).toContain('"changed":["log_level","allowed_hosts"]');
});

test("names what needs a restart, and keeps all as it was when the file is wrong", async () => {
  await hangUp('allowed_hosts = ["new.example"]\ncpus = 1\n', "restart-needed");
  expect(box.log).toContain('"settings":["cpus"]');
  await hangUp('allowed_hosts = ["new.example"\n', "settings-not-reloaded");
  expect(await statusUnder("new.example")).toBe(200);
  expect((await alice.ml(["status"])).code).toBe(0);
});
