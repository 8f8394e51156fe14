// A job sees the device files of the GPUs that its attempt was given, and of no other.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deviceOptions } from "./visible-system.ts";

let folder: string;
let box: { readonly devices: string; readonly cards: string };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-devices-"));
  box = { devices: join(folder, "dev"), cards: join(folder, "cards") };
  const names = ["nvidia0", "nvidia1", "nvidia12", "nvidiactl", "nvidia-uvm", "sda", "mem", "tty"];
  mkdirSync(join(box.devices, "dri"), { recursive: true });
  for (const name of names) writeFileSync(join(box.devices, name), "");
  // As the driver numbers them: not in the order of their places on the bus.
  for (const [place, minor] of Object.entries({ "01": 1, "02": 0, "03": 12 })) {
    const card = join(box.cards, `0000:${place}:00.0`);
    mkdirSync(card, { recursive: true });
    const text = `Model: \t\t RTX\nGPU UUID: \t GPU-${place}\nDevice Minor: \t ${minor}\n`;
    writeFileSync(join(card, "information"), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Names in the sandbox's `/dev` that are the box's own. */
function bound(uuids: readonly string[], from = box): string[] {
  const words = deviceOptions(uuids, from);
  const at = words.flatMap((word, index) => (word === "--dev-bind-try" ? [index] : []));
  for (const index of at) {
    expect(words[index + 1]).toBe(words[index + 2]?.replace("/dev", from.devices) ?? "");
  }
  return at.map((index) => words[index + 2]?.replace("/dev/", "") ?? "").toSorted();
}

const OF_ALL = ["dri", "nvidia-uvm", "nvidiactl"];

test("an attempt without a GPU sees none", () => {
  expect(bound([])).toEqual([]);
});

test("an attempt with some sees those, by the number that the driver gives each", () => {
  expect(bound(["GPU-01"])).toEqual([...OF_ALL, "nvidia1"].toSorted());
  expect(bound(["GPU-02", "GPU-03"])).toEqual([...OF_ALL, "nvidia0", "nvidia12"].toSorted());
});

test("where the driver does not tell which is which, an attempt with one sees all of them", () => {
  const all = [...OF_ALL, "nvidia0", "nvidia1", "nvidia12"].toSorted();
  expect(bound(["GPU-01"], { ...box, cards: join(folder, "none") })).toEqual(all);
  expect(bound(["GPU-99"])).toEqual(all);
});
