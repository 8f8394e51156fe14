// Connections kept awake together and closed together.
import { describe, expect, test } from "bun:test";
import { until } from "./rpc.fixture.ts";
import { SocketSet, type OpenSocket } from "./socket-set.ts";

function socket(finish: () => Promise<void>) {
  const seen: string[] = [];
  const open: OpenSocket = {
    ping: () => seen.push("ping"),
    finish,
    end: (code) => seen.push(`end ${code}`),
  };
  return { open, seen };
}

describe("SocketSet", () => {
  test("pings every connection again and again, until it is closed", async () => {
    const set = new SocketSet(5);
    const stays = socket(() => Promise.resolve());
    const goes = socket(() => Promise.resolve());
    set.add(stays.open);
    set.add(goes.open);
    set.delete(goes.open);
    await until("three pings", () => stays.seen.length >= 3);
    await set.close(1_000);
    const before = stays.seen.length;
    expect(stays.seen.at(-1)).toBe("end 1001");
    expect(goes.seen).toEqual([]);
    const other = new SocketSet(5);
    const later = socket(() => Promise.resolve());
    other.add(later.open);
    await until("more pings elsewhere", () => later.seen.length >= 3);
    await other.close(1_000);
    expect(stays.seen).toHaveLength(before);
  });

  test("waits for answers at work before it ends a connection, but not for ever", async () => {
    const set = new SocketSet(1_000);
    let isFinished = false;
    const busy = socket(async () => {
      await Bun.sleep(20);
      isFinished = true;
    });
    const stuck = socket(() => new Promise<void>(() => undefined));
    set.add(busy.open);
    set.add(stuck.open);
    await set.close(100);
    expect(isFinished).toBe(true);
    expect(busy.seen).toEqual(["end 1001"]);
    expect(stuck.seen).toEqual(["end 1001"]);
  });
});
