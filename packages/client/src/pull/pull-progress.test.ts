// Tests of how the progress of a pull is added up.
import { describe, expect, test } from "bun:test";
import { bytes, openPullBench } from "./pull-server.fixture.ts";
import { ProgressSum, type PullProgress } from "./pull-progress.ts";

function openSum() {
  const told: PullProgress[] = [];
  const sum = new ProgressSum((progress) => told.push(progress));
  const last = () => {
    const { doneBytes, totalBytes } = told.at(-1) ?? { doneBytes: NaN, totalBytes: NaN };
    return [doneBytes, totalBytes];
  };
  return { sum, told, last };
}

describe("the progress of a pull", () => {
  test("adds up files, without what was here before", () => {
    const { sum, last } = openSum();
    const [fresh, resumed] = [sum.add(100), sum.add(1000)];
    fresh({ doneBytes: 0, sizeBytes: 100 });
    fresh({ doneBytes: 10, sizeBytes: 100 });
    expect(last()).toEqual([10, 1100]);
    resumed({ doneBytes: 400, sizeBytes: 1000 });
    expect(last()).toEqual([10, 700]);
    resumed({ doneBytes: 1000, sizeBytes: 1000 });
    expect(last()).toEqual([610, 700]);
  });

  test("knows from the start how much there is to fetch, and counts large and small files", async () => {
    await using bench = await openPullBench();
    for (let i = 0; i < 30; i++) bench.put(`${i}`, bytes(300_000, i));
    bench.put("small", bytes(1000));
    bench.put("here", bytes(5000));
    await bench.pull({ globs: ["here"] });
    const told: string[] = [];
    await bench.pull({
      onProgress: ({ doneBytes, totalBytes }) => told.push(`${doneBytes} of ${totalBytes}`),
    });
    expect(told[0]).toBe("0 of 9001000");
    expect(told.at(-1)).toBe("9001000 of 9001000");
  });

  test("does not go back where a file has to be fetched again", () => {
    const { sum, last } = openSum();
    const tell = sum.add(100);
    tell({ doneBytes: 20, sizeBytes: 100 });
    tell({ doneBytes: 90, sizeBytes: 100 });
    expect(last()).toEqual([70, 80]);
    tell({ doneBytes: 0, sizeBytes: 100 });
    expect(last()).toEqual([70, 100]);
    tell({ doneBytes: 80, sizeBytes: 100 });
    expect(last()).toEqual([80, 100]);
    // The job has written a shorter one meanwhile.
    tell({ doneBytes: 50, sizeBytes: 50 });
    expect(last()).toEqual([80, 80]);
  });

  test("does not go back where a file is given up, and counts no more of it as to come", () => {
    const { sum, last } = openSum();
    const [given, other] = [sum.add(100), sum.add(50)];
    given({ doneBytes: 0, sizeBytes: 100 });
    given({ doneBytes: 60, sizeBytes: 100 });
    given(null);
    expect(last()).toEqual([60, 110]);
    other({ doneBytes: 0, sizeBytes: 50 });
    other({ doneBytes: 50, sizeBytes: 50 });
    expect(last()).toEqual([110, 110]);
  });

  test("never shows more than there is, nor less than before, whatever files do", () => {
    const { sum, told } = openSum();
    const tells = [sum.add(5), sum.add(50), sum.add(500)];
    let seed = 1;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let i = 0; i < 3000; i++) {
      const sizeBytes = random(700);
      const place = { doneBytes: random(sizeBytes + 1), sizeBytes };
      tells[random(3)]?.(random(10) === 0 ? null : place);
    }
    for (const [at, { doneBytes, totalBytes }] of told.entries()) {
      expect(doneBytes).toBeLessThanOrEqual(totalBytes);
      expect(doneBytes).toBeGreaterThanOrEqual(told[at - 1]?.doneBytes ?? 0);
    }
  });
});
