// Tests of looking at the disk.
import { describe, expect, spyOn, test } from "bun:test";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { diskRoom } from "./disk-room.ts";

const GIB = 1024 ** 3;

describe("diskRoom()", () => {
  test("goes by what is to be kept free at each look", () => {
    let bytes = 0;
    const room = diskRoom(tmpdir(), () => ({ bytes }));
    expect(room.isShort()).toBe(false);
    bytes = Number.MAX_SAFE_INTEGER;
    expect(room.isShort()).toBe(true);
  });

  test("tells the size and what is free of the disk on which the folder lies", () => {
    const view = diskRoom(tmpdir(), { bytes: 7 }).look();
    const { bsize, blocks } = fs.statfsSync(tmpdir());
    expect(view.size_bytes).toBe(bsize * blocks);
    expect(view.free_bytes).toBeWithin(0, view.size_bytes);
    expect(view.reserve_bytes).toBe(7);
  });

  test("keeps a twentieth free, at most 2 GiB, unless told otherwise", () => {
    const { size_bytes, reserve_bytes } = diskRoom(tmpdir(), null).look();
    expect(reserve_bytes).toBe(Math.min(2 * GIB, Math.floor(size_bytes / 20)));
    expect(diskRoom(tmpdir(), { fraction: 0.5 }).look().reserve_bytes).toBe(
      Math.floor(size_bytes / 2),
    );
  });

  test("refuses with the figures and what to do when less is free than is kept free", () => {
    expect(diskRoom(tmpdir(), { bytes: 0 }).isShort()).toBe(false);
    diskRoom(tmpdir(), { bytes: 0 }).refuseWhenShort("Cannot queue the job");
    const full = diskRoom(tmpdir(), { bytes: Number.MAX_SAFE_INTEGER });
    expect(full.isShort()).toBe(true);
    expect(() => full.refuseWhenShort("Cannot queue the job")).toThrow(
      /^Cannot queue the job: the box has .+ left, and keeps .+ free for running jobs\.\nAsk its admin/,
    );
  });

  test("refuses what would take what is kept free, with the figures and what to do", () => {
    const { free_bytes } = diskRoom(tmpdir(), { bytes: 0 }).look();
    // Others write to this disk, too.
    const room = diskRoom(tmpdir(), { bytes: Math.floor(free_bytes / 2) });
    room.refuseUnlessRoomFor({ bytes: 0 }, "Cannot take the project");
    room.refuseUnlessRoomFor({ bytes: Math.floor(free_bytes / 4) }, "Cannot take the project");
    const much = () => room.refuseUnlessRoomFor({ bytes: free_bytes }, "Cannot take the project");
    expect(much).toThrow(
      /^Cannot take the project: it takes .+, and the box has .+ left, of which it keeps .+ free for running jobs\.\nSend less \(\.mlignore\), or ask its admin/,
    );
    const full = diskRoom(tmpdir(), { bytes: Number.MAX_SAFE_INTEGER });
    expect(() => full.refuseUnlessRoomFor({ bytes: 0 }, "Cannot take the project")).toThrow(
      /^Cannot take the project: the box has .+ left, and keeps .+ free for running jobs\.\nAsk/,
    );
  });

  test("counts what other uploads have still to write, and says so", () => {
    const { free_bytes } = diskRoom(tmpdir(), { bytes: 0 }).look();
    const room = diskRoom(tmpdir(), { bytes: Math.floor(free_bytes / 2) });
    const need = { bytes: Math.floor(free_bytes / 4), promisedBytes: Math.floor(free_bytes / 3) };
    expect(() => room.refuseUnlessRoomFor(need, "Cannot take the project")).toThrow(
      /left, of which it keeps .+ free for running jobs and .+ for other uploads\.\nSend less/,
    );
  });

  test("tells what it has itself written as free, and as taken by it", () => {
    const { free_bytes } = diskRoom(tmpdir(), { bytes: 0 }).look();
    const room = diskRoom(tmpdir(), { bytes: free_bytes + 1e12 });
    let refusal: unknown;
    try {
      room.refuseUnlessRoomFor({ bytes: 5, writtenBytes: 3e12 }, "Cannot take the project");
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({ details: { needed_bytes: 3e12 + 5 } });
    expect(String(refusal)).toContain("it takes");
  });

  describe("on a file system that takes only so many files", () => {
    /** One with much room for bytes. */
    const roomOf = (files: number, ffree: number) =>
      diskRoom("", { bytes: 0 }, () => ({ bsize: 4096, blocks: 1e9, bavail: 1e9, files, ffree }));

    test.each([
      [1500, 15],
      [800_000, 8000],
      [60_000_000, 10_000],
    ])("of %d keeps %d free", (files, reserve) => {
      const room = roomOf(files, reserve);
      expect(room.look().files).toEqual({ free: reserve, reserve });
      expect(room.isShort()).toBe(false);
      room.refuseUnlessRoomFor({ bytes: 0 }, "Cannot take the project");
      const full = roomOf(files, reserve - 1);
      expect(full.isShort()).toBe(true);
      expect(() => full.refuseWhenShort("Cannot queue the job")).toThrow(
        /^Cannot queue the job: the box's disk has no room for so many files\. It can take .+ more, however small, and keeps .+ for running jobs\.\nAsk its admin/,
      );
    });

    test("refuses what takes more, with the figures and what to do", () => {
      const room = roomOf(1500, 100);
      room.refuseUnlessRoomFor({ bytes: 0, files: 85 }, "Cannot take the project");
      expect(() => room.refuseUnlessRoomFor({ bytes: 0, files: 86 }, "Cannot take it")).toThrow(
        /^Cannot take it: its 86 files and folders are too many\. The box's disk has room for 100 more, of which it keeps 15 for running jobs\.\nSend fewer/,
      );
      const need = { bytes: 0, files: 80, promisedFiles: 6 };
      expect(() => room.refuseUnlessRoomFor(need, "Cannot take it")).toThrow(
        "15 for running jobs and 6 for other uploads.",
      );
    });

    test("has no limit where the system tells of 0 files", () => {
      const room = roomOf(0, 0);
      expect([room.look().files, room.isShort()]).toEqual([null, false]);
      room.refuseUnlessRoomFor({ bytes: 0, files: 1e9 }, "Cannot take the project");
    });
  });

  test("asks the system once for all refusals of a turn, and anew in the next", async () => {
    const asked = spyOn(fs, "statfsSync");
    try {
      const room = diskRoom(tmpdir(), { bytes: 0 });
      for (let submit = 0; submit < 3; submit++) room.refuseWhenShort("Cannot queue the job");
      expect(asked).toHaveBeenCalledTimes(1);
      await new Promise((resolve) => setImmediate(resolve));
      room.refuseWhenShort("Cannot queue the job");
      expect(asked).toHaveBeenCalledTimes(2);
    } finally {
      asked.mockRestore();
    }
  });
});
