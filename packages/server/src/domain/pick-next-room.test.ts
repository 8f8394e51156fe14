// Tests of pickNext() where the disk has no room for every project.
import { expect, test } from "bun:test";
import { freeBox, queuedJob } from "./pick-next.fixture.ts";
import { pickNext } from "./pick-next.ts";

const disk = { bytes: 100, files: 10 };
const free = freeBox({ disk });
const ids = (list: readonly { readonly id: number }[]) => list.map(({ id }) => id);
const project = (bytes: number, files = 1) => ({ project: { bytes, files } });

test("pickNext() lets a job without room wait for the disk alone, whatever it asks of the box, and starts those behind it", () => {
  const big = { cpus: 8, mem_bytes: 100, gpus: 4 };
  const queue = [
    queuedJob(1, { ...big, ...project(101) }),
    queuedJob(2, { ...big, ...project(0, 11) }),
    queuedJob(3, project(100, 10)),
    queuedJob(4),
  ];
  const { starts, waits } = pickNext(queue, free);
  expect(ids(starts)).toEqual([3, 4]);
  const wait = { short_of: [], behind: null, is_roomless: true };
  expect(waits).toMatchObject([
    { id: 1, ...wait },
    { id: 2, ...wait },
  ]);
});

test("pickNext() gives room to the first of several for which there is room alone", () => {
  const queue = [queuedJob(1, project(60)), queuedJob(2, project(60)), queuedJob(3, project(40))];
  expect(ids(pickNext(queue, free).starts)).toEqual([1, 3]);
});

test("pickNext() keeps no room for a job that waits for something else", () => {
  const queue = [queuedJob(1, { gpus: 5, ...project(100) }), queuedJob(2, project(100))];
  expect(ids(pickNext(queue, free).starts)).toEqual([2]);
});

test("pickNext() starts what takes nothing of a disk that has less free than is kept", () => {
  const short = freeBox({ disk: { bytes: -1, files: -1 } });
  const queue = [queuedJob(1, project(0, 0)), queuedJob(2, project(0)), queuedJob(3)];
  expect(ids(pickNext(queue, short).starts)).toEqual([1, 3]);
});

test("pickNext() steps over 5,000 jobs without room and no further, unless each is to be explained", () => {
  const large = Array.from({ length: 5000 }, (_, place) => queuedJob(place, project(101)));
  const queue = [...large, queuedJob(9000)];
  expect(ids(pickNext(queue.slice(1), free).starts)).toEqual([9000]);
  expect(ids(pickNext(queue, free).starts)).toEqual([]);
  expect(ids(pickNext(queue, free, true).starts)).toEqual([9000]);
});
