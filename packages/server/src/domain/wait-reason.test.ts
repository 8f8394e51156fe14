// Tests of the one word for why a queued job waits.
import { describe, expect, test } from "bun:test";
import { waitReason } from "./wait-reason.ts";

const NOW = 1000;
const job = { held: false, eligible_at: null, attempt: 0 };

describe("waitReason()", () => {
  test("says held of a held job, whatever else keeps it", () => {
    expect(waitReason({ ...job, held: true }, NOW)).toBe("held");
    expect(waitReason({ held: true, eligible_at: NOW + 1, attempt: 1 }, NOW)).toBe("held");
  });

  test("says begin-at before the time a job was asked to begin", () => {
    expect(waitReason({ ...job, eligible_at: NOW + 1 }, NOW)).toBe("begin-at");
  });

  test("says retry-at before the next attempt of a job that has run", () => {
    expect(waitReason({ ...job, eligible_at: NOW + 1, attempt: 1 }, NOW)).toBe("retry-at");
  });

  test("says resources from that very time on, and of a job that waits for no time", () => {
    expect(waitReason({ ...job, eligible_at: NOW }, NOW)).toBe("resources");
    expect(waitReason(job, NOW)).toBe("resources");
    expect(waitReason({ ...job, attempt: 3 }, NOW)).toBe("resources");
  });
});
