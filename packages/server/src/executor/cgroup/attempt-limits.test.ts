// What is written into the cgroup of an attempt, and into its control folder.
import { expect, test } from "bun:test";
import { formatCgroup, limitFiles, parseCgroup } from "./attempt-limits.ts";

const textOf = (limits: Parameters<typeof limitFiles>[0]) =>
  Object.fromEntries(limitFiles(limits).map(({ name, text }) => [name, text]));

test("limitFiles() ends an attempt as a whole, and gives it no swap, when it is over its memory", () => {
  expect(textOf({ memBytes: 5_000_000, processes: 40, cpus: 2 })).toEqual({
    "memory.max": "5000000",
    "memory.oom.group": "1",
    "memory.swap.max": "0",
    "pids.max": "40",
    "cpu.weight": "200",
  });
});

test("limitFiles() leaves open what was not asked for, and keeps the weight where the kernel takes it", () => {
  expect(textOf({ memBytes: null, processes: null, cpus: 0 })).toMatchObject({
    "memory.max": "max",
    "memory.swap.max": "max",
    "pids.max": "max",
    "cpu.weight": "1",
  });
  expect(textOf({ memBytes: null, processes: null, cpus: 512 })["cpu.weight"]).toBe("10000");
});

test("parseCgroup() reads what formatCgroup() writes", () => {
  for (const limits of [
    { memBytes: 2 ** 40, processes: 32_768, cpus: 64 },
    { memBytes: null, processes: null, cpus: 1 },
  ]) {
    const record = { folder: "/sys/fs/cgroup/my unit/attempts/1.2-3.4", limits };
    expect(parseCgroup(formatCgroup(record))).toEqual(record);
  }
});

test.each(["", "max max 1", "max max 1 relative", "1 2 /x", "-1 max 1 /x", "max max x /x"])(
  "parseCgroup() takes %p for absent",
  (text) => {
    expect(parseCgroup(text)).toBeNull();
  },
);
