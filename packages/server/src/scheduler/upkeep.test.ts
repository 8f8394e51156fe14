// Tests of when collections are run by themselves.
import { expect, test } from "bun:test";
import type { GcReport } from "@fetchml/protocol";
import { diskUnderTest } from "../domain/disk-room.fixture.ts";
import { createLog, silentLog } from "../telemetry/log.ts";
import { Upkeep } from "./upkeep.ts";

const REPORT: GcReport = { dry_run: false, started_at: 0, ended_at: 1, removed: [], problems: [] };

const rest = { keepSpareRoom: () => Promise.resolve(), log: silentLog, lookMs: 1 };

/** A collector that notes its runs, each of which lasts until it is let go. */
function scriptedCollector() {
  const waiting: ((report: GcReport) => void)[] = [];
  let runs = 0;
  return {
    get runs() {
      return runs;
    },
    run: () => {
      runs += 1;
      return new Promise<GcReport>((resolve) => waiting.push(resolve));
    },
    letGo: () => {
      for (const resolve of waiting.splice(0)) resolve(REPORT);
    },
  };
}

/** Waits until a condition holds; fails after ten seconds. */
async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error("waited in vain");
    await Bun.sleep(1);
  }
}

test("Upkeep collects at the start and again after sixty looks, never twice at once", async () => {
  const collector = scriptedCollector();
  let looks = 0;
  const room = { isShort: () => ++looks < 0 };
  const upkeep = new Upkeep({ ...rest, collector, room });
  upkeep.start();
  expect(collector.runs).toBe(1);
  await until(() => looks > 130);
  expect(collector.runs).toBe(1);
  collector.letGo();
  await until(() => collector.runs === 2);
  collector.letGo();
  await upkeep.close();
  await upkeep.close();
});

test("Upkeep looks oftener while room is short, and tells when that begins and ends", async () => {
  const lines: string[] = [];
  const clock = { now: () => 0 };
  const log = createLog({ level: "info", clock, write: (line) => lines.push(line) });
  const room = diskUnderTest();
  let runs = 0;
  const madeRoomIn: number[] = [];
  const keepSpareRoom = async () => void madeRoomIn.push(runs);
  const collector = { run: () => Promise.resolve({ ...REPORT, started_at: ++runs }) };
  const upkeep = new Upkeep({ ...rest, collector, room, log, keepSpareRoom });
  upkeep.start();
  room.setFree(1);
  await until(() => runs >= 4);
  expect(madeRoomIn).toEqual([]);
  room.setFree(500);
  await until(() => lines.length === 2);
  await upkeep.close();
  expect(lines[0]).toContain("disk-short");
  expect(lines[1]).toContain("disk-has-room");
});

test("Upkeep goes on after a collection that failed", async () => {
  let runs = 0;
  const collector = { run: () => Promise.reject(new Error(`run ${++runs}`)) };
  const room = diskUnderTest();
  room.setFree(0);
  const upkeep = new Upkeep({ ...rest, collector, room });
  upkeep.start();
  await until(() => runs >= 3);
  await upkeep.close();
});
