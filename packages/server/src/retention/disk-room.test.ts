// Tests of looking at the disk.
import { describe, expect, spyOn, test } from "bun:test";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { diskRoom } from "./disk-room.ts";

const GIB = 1024 ** 3;

describe("diskRoom()", () => {
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
    room.refuseUnlessRoomFor(0, "Cannot take the project");
    room.refuseUnlessRoomFor(Math.floor(free_bytes / 4), "Cannot take the project");
    const much = () => room.refuseUnlessRoomFor(free_bytes, "Cannot take the project");
    expect(much).toThrow(
      /^Cannot take the project: it takes .+, and the box has .+ left, of which it keeps .+ free for running jobs\.\nSend less \(\.mlignore\), or ask its admin/,
    );
    const full = diskRoom(tmpdir(), { bytes: Number.MAX_SAFE_INTEGER });
    expect(() => full.refuseUnlessRoomFor(0, "Cannot take the project")).toThrow(
      /^Cannot take the project: the box has .+ left, and keeps .+ free for running jobs\.\nAsk/,
    );
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
