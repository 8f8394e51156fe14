// What comes of an attempt whose files cannot be handed over, or not yet.
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { attemptSpec, ended, observeOne, shellSpec, waitFor } from "../attempt.fixture.ts";
import { makeJobFolders } from "./job-folders.ts";
import { localSubject } from "./local-executor.fixture.ts";

test("start() hands the snapshot into the folder in which the command starts", async () => {
  const subject = await localSubject({
    checkout: async (snapshot, folder) => {
      await Bun.write(`${folder}/src/name.txt`, `snapshot ${snapshot}\n`);
    },
  });
  const spec = shellSpec("cat name.txt", { cwd: "src", snapshot: "abc" });
  await subject.executor.start(spec);
  await ended(subject.executor, spec);
  expect(await subject.log(spec)).toBe("snapshot abc\n");
  await subject.close();
});

test("start() tells of a snapshot that cannot be handed over as failed-to-start, once and for all", async () => {
  let count = 0;
  const checkout = () => {
    count += 1;
    return Promise.reject(new Error("the disk is full"));
  };
  const subject = await localSubject({ checkout });
  await subject.executor.start(attemptSpec());
  await subject.executor.start(attemptSpec());
  const outcome = { kind: "failed-to-start", message: "the disk is full" } as const;
  expect((await ended(subject.executor, attemptSpec())).outcome).toEqual(outcome);
  expect(count).toBe(1);
  await subject.close();
});

test("start() goes on later with an attempt for whose files there was no room", async () => {
  let isFull = true;
  const checkout = () =>
    isFull ? Promise.reject(new FetchmlError("disk-full", "no room")) : Promise.resolve();
  const subject = await localSubject({ checkout });
  const spec = shellSpec("echo ran");
  expect(await subject.executor.start(spec)).toEqual({ why: "no room" });
  expect(await observeOne(subject.executor, spec)).toEqual({ kind: "unknown", why: "no room" });
  isFull = false;
  expect(await subject.executor.start(spec)).toBeNull();
  const { outcome } = await ended(subject.executor, spec);
  expect(outcome).toEqual({ kind: "exited", exit_code: 0 });
  await subject.close();
});

test("start() removes what a killed one has left before it looks for room", async () => {
  let leftover = "";
  let isFull = true;
  const checkout = () =>
    isFull || existsSync(leftover)
      ? Promise.reject(new FetchmlError("disk-full", "no room"))
      : Promise.resolve();
  const subject = await localSubject({ checkout });
  const spec = shellSpec("echo ran");
  const root = dirname(subject.control(spec));
  leftover = join(root, "unfinished-kLlEd1");
  const leave = (): void => {
    mkdirSync(join(leftover, "work"), { recursive: true });
    writeFileSync(join(leftover, "work", "half"), "");
  };
  leave();
  expect(await subject.executor.start(spec)).toEqual({ why: "no room" });
  // What is given back takes no room while it waits.
  expect(readdirSync(root)).toEqual(["control"]);
  isFull = false;
  leave();
  expect(await subject.executor.start(spec)).toBeNull();
  expect((await ended(subject.executor, spec)).outcome).toEqual({ kind: "exited", exit_code: 0 });
  expect(readdirSync(root).toSorted()).toEqual(["control", "job"]);
  await subject.close();
});

test("start() leaves alone what another start of the same attempt is laying out", async () => {
  const first = Promise.withResolvers<void>();
  const folders: string[] = [];
  const checkout = (_: string | null, folder: string) => {
    folders.push(folder);
    return folders.length === 1 ? first.promise : Promise.reject(new Error("no network"));
  };
  const subject = await localSubject({ checkout });
  const { dataDir } = subject;
  const spec = shellSpec("true");
  const making = makeJobFolders(dataDir, spec, { checkout, owner: null });
  await waitFor("the first", () => folders.length === 1);
  const another = makeJobFolders(dataDir, spec, { checkout, owner: null });
  expect(String(await another.catch((error: unknown) => error))).toContain("no network");
  expect(existsSync(folders[0] ?? "")).toBe(true);
  first.resolve();
  await making;
  await subject.close();
});

test("a long checkout counts as starting, and cancel() ends the attempt at once", async () => {
  const copying = Promise.withResolvers<void>();
  const subject = await localSubject({ checkout: () => copying.promise });
  const spec = shellSpec("echo ran");
  const start = subject.executor.start(spec);
  expect(await observeOne(subject.executor, spec)).toEqual({ kind: "starting" });
  await subject.executor.cancel(spec, 15_000);
  const { outcome } = await ended(subject.executor, spec);
  expect(outcome).toEqual({ kind: "cancelled", exit_code: null });
  copying.resolve();
  await start;
  await subject.close();
  expect(await subject.log(spec)).toBe("");
});
