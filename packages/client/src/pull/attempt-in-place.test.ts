// A job that is tried again between two pulls into the same folder.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleAnswer, openPullBench, SOME_TIME, type PullBench } from "./pull-server.fixture.ts";

let bench: PullBench;

beforeEach(async () => {
  bench = await openPullBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

/** The second attempt has left a file, too. */
function retry(): void {
  const file = { size_bytes: 1, modified_at: SOME_TIME, executable: false };
  bench.others.push({ attempt: 2, entry: { kind: "file", path: "a.pt", ...file } });
  bench.before = (request) => {
    if (!request.url.includes("%232")) return undefined;
    const content = new TextEncoder().encode("2");
    const served = { content, modifiedAt: SOME_TIME, executable: false, etag: "" };
    return bundleAnswer(new Map([["a.pt", served]]), ["a.pt"]);
  };
}

const pullBoth = () => bench.pull({ attempts: [1, 2] });

describe("an attempt that was pulled when it was the only one", () => {
  test("stays where it is, and nothing of it is fetched again", async () => {
    bench.put("a.pt", "first");
    bench.put("log/b", "b");
    await bench.pull();
    retry();
    const before = bench.requests.length;
    expect(bench.outcomes(await pullBoth())).toEqual([
      "a.pt equal",
      "log/b equal",
      "12.2/a.pt pulled",
    ]);
    expect(bench.requests.slice(before)).toEqual(["POST /jobs/12%232/outputs a.pt"]);
    await pullBoth();
    expect(bench.here()).toEqual({ "a.pt": "first", "log/b": "b", "12.2/a.pt": "2" });
  });

  test("is known by the beginning of a file that has grown since", async () => {
    bench.put("a.pt", "begun");
    bench.put("empty", "");
    await bench.pull();
    bench.put("a.pt", "begun and ended", { modifiedAt: SOME_TIME + 1000 });
    bench.put("empty", "no more", { modifiedAt: SOME_TIME + 1000 });
    retry();
    await pullBoth();
    expect(bench.here()).toEqual({ "a.pt": "begun and ended", empty: "no more", "12.2/a.pt": "2" });
  });
});

describe("of several attempts each gets a folder of its own", () => {
  beforeEach(() => {
    bench.put("a.pt", "first");
    retry();
  });

  test("where nothing was pulled before", async () => {
    await pullBoth();
    expect(bench.here()).toEqual({ "12.1/a.pt": "first", "12.2/a.pt": "2" });
  });

  test("beside what is the user's own", async () => {
    for (const mine of ["other", "firs!", "longer than it", ""]) {
      rmSync(join(bench.target, "12.1"), { recursive: true, force: true });
      writeFileSync(join(bench.target, "a.pt"), mine);
      await pullBoth();
      expect(bench.here()).toEqual({ "a.pt": mine, "12.1/a.pt": "first", "12.2/a.pt": "2" });
    }
  });

  test("where the first has got one already", async () => {
    mkdirSync(join(bench.target, "12.1"));
    writeFileSync(join(bench.target, "a.pt"), "first");
    utimesSync(join(bench.target, "a.pt"), SOME_TIME / 1000, SOME_TIME / 1000);
    await pullBoth();
    expect(bench.here()["12.1/a.pt"]).toBe("first");
  });
});
