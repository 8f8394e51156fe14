// Tests of the one word for why a queued job waits.
import { describe, expect, test } from "bun:test";
import { waitReason } from "./wait-reason.ts";

const NOW = 1000;
const HERE = { now: NOW, isDrained: false, lacksRoom: () => false };
const job = { held: false, eligible_at: null, attempt: 0, outcome: null };

describe("waitReason()", () => {
  test("says held of a held job, whatever else keeps it", () => {
    expect(waitReason({ ...job, held: true }, HERE)).toBe("held");
    expect(waitReason({ ...job, held: true, eligible_at: NOW + 1, attempt: 1 }, HERE)).toBe("held");
  });

  test("says begin-at before the time a job was asked to begin", () => {
    expect(waitReason({ ...job, eligible_at: NOW + 1 }, HERE)).toBe("begin-at");
  });

  test("says retry-at before the next attempt of a job that has run", () => {
    expect(waitReason({ ...job, eligible_at: NOW + 1, attempt: 1 }, HERE)).toBe("retry-at");
  });

  test("says resources from that very time on, and of a job that waits for no time", () => {
    expect(waitReason({ ...job, eligible_at: NOW }, HERE)).toBe("resources");
    expect(waitReason(job, HERE)).toBe("resources");
    expect(waitReason({ ...job, attempt: 3 }, HERE)).toBe("resources");
  });

  test("says drained where nothing but a box out of service keeps it", () => {
    const there = { now: NOW, isDrained: true, lacksRoom: () => true };
    expect(waitReason(job, there)).toBe("drained");
    expect(waitReason({ ...job, held: true }, there)).toBe("held");
    expect(waitReason({ ...job, eligible_at: NOW + 1 }, there)).toBe("begin-at");
  });

  test("says disk where the disk has no room for it, and looks only where nothing else keeps it", () => {
    expect(waitReason(job, { ...HERE, lacksRoom: () => true })).toBe("disk");
    expect(waitReason({ ...job, eligible_at: NOW + 1, outcome: "{}" }, HERE)).toBe("disk");
    const lacksRoom = () => expect.unreachable();
    expect(waitReason({ ...job, held: true }, { ...HERE, lacksRoom })).toBe("held");
    expect(waitReason({ ...job, eligible_at: NOW + 1 }, { ...HERE, lacksRoom })).toBe("begin-at");
  });
});
