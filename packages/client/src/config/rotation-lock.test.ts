// Tests of the lock that lets one rotation at a time through.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { makeConfigHome, type ConfigHome } from "./config-home.fixture.ts";
import { lockRotation, whileNotRotating } from "./rotation-lock.ts";

let at: ConfigHome;
let path: string;
beforeEach(() => {
  at = makeConfigHome();
  at.write("");
  path = `${at.file}.rotating`;
});
afterEach(() => at[Symbol.dispose]());

async function deadPid(): Promise<number> {
  const child = Bun.spawn(["true"]);
  await child.exited;
  return child.pid;
}

test("lockRotation() lets one through, and the next when that one is done", () => {
  const lock = lockRotation(at.surroundings());
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(lockRotation(at.surroundings())).toBeNull();
  lock?.[Symbol.dispose]();
  const next = lockRotation(at.surroundings());
  lock?.[Symbol.dispose]();
  expect(existsSync(path)).toBe(true);
  next?.[Symbol.dispose]();
  expect(readdirSync(at.folder)).toEqual(["config.toml"]);
});

test("lockRotation() takes over from a process that died, and not from one that is about to write its number", async () => {
  writeFileSync(path, "");
  expect(lockRotation(at.surroundings())).toBeNull();
  writeFileSync(path, String(await deadPid()));
  lockRotation(at.surroundings())?.[Symbol.dispose]();
  expect(readdirSync(at.folder)).toEqual(["config.toml"]);
});

test("lockRotation() takes over what is older than any rotation, its own clearing too", () => {
  const longAgo = new Date(Date.now() - 3_600_000);
  for (const name of [path, `${path}.clearing`]) {
    writeFileSync(name, String(process.pid));
    utimesSync(name, longAgo, longAgo);
  }
  lockRotation(at.surroundings())?.[Symbol.dispose]();
  expect(readdirSync(at.folder)).toEqual(["config.toml"]);
});

test("lockRotation() lets one of many processes through, that find one left over", async () => {
  writeFileSync(path, String(await deadPid()));
  const script = `
    import { lockRotation } from ${JSON.stringify(join(import.meta.dir, "rotation-lock.ts"))};
    process.stdin.once("data", () => {
      const lock = lockRotation({ env: {}, home: ${JSON.stringify(at.home)} });
      process.stdout.write(lock === null ? "no" : "yes");
      process.stdin.once("data", () => process.exit());
    });
    process.stdout.write("ready ");`;
  const children = Array.from({ length: 8 }, () =>
    Bun.spawn([process.execPath, "-e", script], { stdin: "pipe", stdout: "pipe" }),
  );
  const readers = children.map((child) => child.stdout.getReader());
  const next = () =>
    Promise.all(
      readers.map(async (reader) => Buffer.from((await reader.read()).value ?? []).toString()),
    );
  await next();
  for (const child of children) await child.stdin.write("go");
  for (const child of children) await child.stdin.flush();
  const answers = await next();
  for (const child of children) child.kill("SIGKILL");
  await Promise.all(children.map((child) => child.exited));
  expect(answers.filter((answer) => answer === "yes").length).toBeLessThanOrEqual(1);
});

test("lockRotation() says where it cannot write", () => {
  const config = join(at.home, `${"x".repeat(248)}.toml`);
  writeFileSync(config, "");
  const lock = () => lockRotation(at.surroundings({}, { config }));
  expect(lock).toThrow(FetchmlError);
  expect(lock).toThrow("Nothing was changed");
});

test("whileNotRotating() waits for the one that holds the lock, and gives it back itself", async () => {
  const lock = lockRotation(at.surroundings());
  let isDone = false;
  const work = whileNotRotating(at.surroundings(), () => {
    isDone = true;
    expect(lockRotation(at.surroundings())).toBeNull();
    return "done";
  });
  expect(isDone).toBe(false);
  lock?.[Symbol.dispose]();
  expect(await work).toBe("done");
  expect(readdirSync(at.folder)).toEqual(["config.toml"]);
});

test("whileNotRotating() does nothing when the lock is held for too long, and gives back what is its own when the work fails", async () => {
  const lock = lockRotation(at.surroundings());
  let isDone = false;
  const waiting = whileNotRotating(at.surroundings(), () => (isDone = true), 50);
  expect(await waiting.catch((error: unknown) => error)).toMatchObject({ code: "conflict" });
  expect(isDone).toBe(false);
  lock?.[Symbol.dispose]();
  const fail = () => {
    throw new Error("no");
  };
  expect(
    String(await whileNotRotating(at.surroundings(), fail).catch((error: unknown) => error)),
  ).toContain("no");
  expect(readdirSync(at.folder)).toEqual(["config.toml"]);
});
