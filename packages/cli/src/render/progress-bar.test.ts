// Tests of the progress of a transfer.
import { describe, expect, test } from "bun:test";
import type { Output } from "../output.ts";
import { openProgressBar, progressLine, REDRAW_MS } from "./progress-bar.ts";

const MIB = 1024 * 1024;

function recorder(isTerminal: boolean): Output & { readonly written: string[] } {
  const written: string[] = [];
  return { isTerminal, columns: 80, written, write: (data) => void written.push(String(data)) };
}

describe("progressLine()", () => {
  test("shows share, bytes, rate and time left", () => {
    const progress = { label: "Sending", doneBytes: MIB, totalBytes: 4 * MIB, elapsedMs: 2000 };
    expect(progressLine(progress, 80)).toBe(
      "Sending [#######....................]  25%  1 MiB of 4 MiB  512 KiB/s  6s left",
    );
  });

  test("never fills a line, so that it cannot wrap", () => {
    for (let columns = 1; columns < 120; columns++) {
      const progress = { label: "Sending", doneBytes: 1, totalBytes: 3, elapsedMs: 1 };
      expect(progressLine(progress, columns).length).toBeLessThan(Math.max(columns, 1));
    }
  });

  test("is full when there is nothing to send", () => {
    const progress = { label: "Sending", doneBytes: 0, totalBytes: 0, elapsedMs: 0 };
    expect(progressLine(progress, 80)).toContain("100%");
  });
});

describe("openProgressBar()", () => {
  test("draws on a terminal, not too often, and leaves a clean line", () => {
    let now = 0;
    const output = recorder(true);
    const bar = openProgressBar(output, "Sending", () => now);
    bar.update(1, 10);
    bar.update(2, 10);
    now += REDRAW_MS;
    bar.update(3, 10);
    bar.close();
    bar.close();
    expect(output.written).toHaveLength(3);
    expect(output.written.at(-1)).toBe("\r\u001B[K");
  });

  test("draws nothing elsewhere", () => {
    const output = recorder(false);
    const bar = openProgressBar(output, "Sending", () => 0);
    bar.update(1, 10);
    bar.close();
    expect(output.written).toEqual([]);
  });
});
