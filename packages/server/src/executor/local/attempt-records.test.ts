// Control files are believed only when they have exactly their form.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatExit, parseExit, readCancel, readExit } from "./attempt-records.ts";
import { createControl, readControl, writeControl } from "./control-files.ts";

let control: string;
beforeEach(() => {
  control = mkdtempSync(join(tmpdir(), "fetchml-control-"));
});
afterEach(() => rmSync(control, { recursive: true }));

test.each([
  ["exited 0", { kind: "exited", exit_code: 0 }],
  ["exited 255", { kind: "exited", exit_code: 255 }],
  ["host-oom 64 60", { kind: "host-oom", limit_bytes: 64, peak_bytes: 60 }],
  ["host-oom - -", { kind: "host-oom", limit_bytes: null }],
  ["cancelled 143", { kind: "cancelled", exit_code: 143 }],
  ["cancelled -", { kind: "cancelled", exit_code: null }],
  ["timed-out 143 5000", { kind: "timed-out", timeout_ms: 5000 }],
  ['lost "Why."', { kind: "lost", message: "Why." }],
  ['failed-to-start "a\\nb"', { kind: "failed-to-start", message: "a\nb" }],
] as const)("parseExit() reads %j", (text, end) => {
  expect(parseExit(text)).toEqual(end);
});

test.each([
  "",
  "exited",
  "exited 256",
  "host-oom 64",
  "host-oom 64 x",
  "exited -1",
  "exited 0 ",
  "timed-out 143",
  "lost why",
  "lost 5",
  "won 0",
])("parseExit() refuses %j", (text) => {
  expect(parseExit(text)).toBeNull();
});

test("formatExit() is read back, whatever the message holds, on one line", () => {
  const message = 'it\'s "gone"\nwith \u{1f600} \u2028';
  const text = formatExit("failed-to-start", message);
  expect(text).not.toContain("\n");
  expect(parseExit(text)).toEqual({ kind: "failed-to-start", message });
});

test("a link, an empty file, a line without its end, two lines and a huge file count as absent", () => {
  writeFileSync(join(control, "real"), "exited 0\n");
  symlinkSync("real", join(control, "exit"));
  expect(readExit(control)).toBeNull();
  rmSync(join(control, "exit"));
  for (const text of ["", "exited 0", "exited 0\n\n", `exited 0${" ".repeat(20_000)}\n`]) {
    writeFileSync(join(control, "exit"), text);
    expect(readExit(control)).toBeNull();
  }
  writeFileSync(join(control, "exit"), "exited 0\n");
  expect(readExit(control)?.outcome).toEqual({ kind: "exited", exit_code: 0 });
});

test("writeControl() replaces a line, and createControl() never does", () => {
  writeControl(control, "cancel", "5");
  writeControl(control, "cancel", "6 sent");
  expect(readCancel(control)).toEqual({ due: 6, sent: true });
  expect(createControl(control, "cancel", "7")).toBeFalse();
  expect(readControl(control, "cancel")?.text).toBe("6 sent");
  expect(createControl(control, "supervisor", "none")).toBeTrue();
});
