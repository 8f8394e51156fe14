// Pulls that are cut off in the middle: what is asked for again, and when to give up.
import { afterEach, describe, expect, test } from "bun:test";
import { linkSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytes, openPullBench, type PullBench } from "./pull-server.fixture.ts";
import { testPace } from "../connection/test-pace.fixture.ts";

let bench: PullBench;

afterEach(() => bench[Symbol.asyncDispose]());

const PARTS = ".ml-pull";
const CONTENT = bytes(2_000_000);
const TEXT = Buffer.from(CONTENT).toString("latin1");

/** The places from which the file was asked for. */
function starts(): readonly number[] {
  return bench.requests
    .filter((request) => !request.includes("sha256_of"))
    .map((request) => Number(/bytes=(\d+)-/.exec(request)?.[1] ?? 0));
}

/** Pulls so many bytes, and leaves what a process leaves that is killed then. */
async function pullCutOff(afterBytes: number, etag = '"v1"'): Promise<void> {
  bench = await openPullBench([Infinity, afterBytes]);
  bench.put("model.pt", CONTENT, { etag });
  expect(await bench.pull({ giveUpAfterMs: 0 }).catch((error: unknown) => error)).toMatchObject({
    code: "unreachable",
  });
  handOver(Bun.spawnSync(["true"]).pid);
}

const parts = () => readdirSync(join(bench.target, PARTS));

/** Gives a part the name that another process would have given it. */
function handOver(pid: number): void {
  for (const name of parts()) {
    const other = name.replace(/\.\d+-(\w+)\.part$/, `.${pid}-$1.part`);
    renameSync(join(bench.target, PARTS, name), join(bench.target, PARTS, other));
  }
}

describe("a pull over a bad connection", () => {
  test("goes on where it was, however often it is cut, and ends with the same file", async () => {
    bench = await openPullBench([Infinity, 500_000, 700_000, 400_000]);
    bench.put("model.pt", CONTENT);
    const told: string[] = [];
    const [item] = await bench.pull({
      onLost: () => told.push("lost"),
      onBack: () => told.push("back"),
    });
    expect(item?.outcome).toBe("pulled");
    expect(bench.here()).toEqual({ "model.pt": TEXT });
    expect(bench.cuts()).toBe(3);
    const asked = starts();
    expect(asked).toHaveLength(4);
    expect(asked.toSorted((a, b) => a - b)).toEqual([...asked]);
    expect(asked.at(-1)).toBeGreaterThan(1_000_000);
    // Each time something came at once again: nothing a person has to know.
    expect(told).toEqual([]);
  });

  test("asks again for a list that was cut", async () => {
    bench = await openPullBench([400]);
    for (let i = 0; i < 50; i++) bench.put(`${i}`);
    await bench.pull();
    expect(bench.cuts()).toBe(1);
    expect(Object.keys(bench.here())).toHaveLength(50);
  });

  test("begins anew where the file has become another meanwhile", async () => {
    bench = await openPullBench([Infinity, 1_000_000]);
    bench.put("model.pt", bytes(2_000_000, 1));
    bench.before = () => {
      if (bench.cuts() === 1) bench.put("model.pt", CONTENT, { etag: '"new"' });
      return undefined;
    };
    await bench.pull();
    expect(bench.here()).toEqual({ "model.pt": TEXT });
  });

  test("begins anew where the version cannot be told for sure", async () => {
    bench = await openPullBench([Infinity, 1_000_000]);
    bench.put("model.pt", CONTENT, { etag: 'W/"v1"' });
    await bench.pull();
    expect(starts()).toEqual([0, 0]);
    expect(bench.here()).toEqual({ "model.pt": TEXT });
  });

  test("gives up when nothing comes for long enough, having told that it tries", async () => {
    bench = await openPullBench([Infinity, 500_000, ...Array.from({ length: 400 }, () => 0)]);
    bench.put("model.pt", CONTENT);
    const pace = testPace();
    const told: string[] = [];
    const pulling = bench.pull({ pace, giveUpAfterMs: 60_000, onLost: () => told.push("lost") });
    expect(await pulling.catch((error: unknown) => error)).toMatchObject({ code: "unreachable" });
    expect(told).toEqual(["lost"]);
    expect(pace.now()).toBeGreaterThan(60_000);
    expect(Math.max(...pace.pauses)).toBeLessThanOrEqual(5000);
  });
});

describe("the pull after one that was cut off", () => {
  test("takes up what a dead process has left", async () => {
    await pullCutOff(1_000_000);
    const before = starts().length;
    bench.before = () => undefined;
    await bench.pull({ giveUpAfterMs: Infinity });
    expect(starts().slice(before)[0]).toBeGreaterThan(500_000);
    expect(bench.here()).toEqual({ "model.pt": TEXT });
  });

  test("leaves alone what a living process writes", async () => {
    await pullCutOff(1_000_000);
    handOver(process.ppid);
    const before = starts().length;
    await bench.pull({ giveUpAfterMs: Infinity });
    expect(starts().slice(before)[0]).toBe(0);
    expect(parts()).toHaveLength(1);
  });

  test("does not write into a part that has a second name by now", async () => {
    await pullCutOff(1_000_000);
    const [part = ""] = parts();
    linkSync(join(bench.target, PARTS, part), join(bench.target, "mine"));
    const mine = readFileSync(join(bench.target, "mine"));
    await bench.pull({ giveUpAfterMs: Infinity });
    expect(readFileSync(join(bench.target, "mine")).equals(mine)).toBe(true);
    expect(bench.here()["model.pt"]).toBe(TEXT);
  });

  test("notices that a part has been spoilt, and fetches all of it", async () => {
    await pullCutOff(1_000_000);
    const [part = ""] = parts();
    writeFileSync(join(bench.target, PARTS, part), new Uint8Array(900_000));
    const [item] = await bench.pull({ giveUpAfterMs: Infinity });
    expect(item?.outcome).toBe("pulled");
    expect(bench.here()).toEqual({ "model.pt": TEXT });
  });

  test("fetches nothing twice of a part that is all there", async () => {
    await pullCutOff(1_000_000);
    const [part = ""] = parts();
    writeFileSync(join(bench.target, PARTS, part), CONTENT);
    const before = starts().length;
    await bench.pull({ giveUpAfterMs: Infinity });
    expect(starts().slice(before)).toContain(CONTENT.length - 1);
    expect(bench.here()).toEqual({ "model.pt": TEXT });
  });

  test("ends in words where something else has the name of the folder of parts", async () => {
    bench = await openPullBench();
    bench.put("x");
    writeFileSync(join(bench.target, PARTS), "");
    expect(await bench.pull().catch((error: unknown) => error)).toMatchObject({ code: "bad-file" });
  });
});
