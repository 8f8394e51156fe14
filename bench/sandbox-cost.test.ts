// Tests that the row of the sandboxes' cost measures each sandbox that the machine offers, and names those that it does not.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildForHost } from "../scripts/build.ts";
import { createRecorder } from "./recorder.ts";
import { sandboxCost } from "./sandbox-cost.ts";

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-bench-sandbox-"));
  chmodSync(folder, 0o711);
  await buildForHost();
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("each sandbox is measured, or missing with the reason", async () => {
  const say = () => undefined;
  const bench = createRecorder({ isQuick: true, rounds: 1, folder: join(folder, "row"), say });
  await sandboxCost.measure(bench);
  const { figures, missing } = bench.recorded();
  const of = (sandbox: string) =>
    Object.fromEntries(
      figures.flatMap(({ what, runs }) => {
        const [who = "", which = ""] = what.split(": ");
        return who.startsWith(sandbox) ? [[which, runs[0] ?? 0]] : [];
      }),
    );
  const plain = of("none");
  // The supervisor, and the two that keep its log.
  expect(plain["processes beside the job's own"]).toBe(3);
  expect(plain["submit to first instruction"]).toBeGreaterThan(0);
  expect(plain["last instruction to recorded end"]).toBeGreaterThan(0);
  const rss = plain["their memory, shared pages for each"] ?? 0;
  expect(rss).toBeGreaterThan(plain["their memory, each page once"] ?? Infinity);
  for (const sandbox of ["account", "bubblewrap"]) {
    const measured = of(sandbox)["processes beside the job's own"] ?? 0;
    const lack = missing.find(({ who }) => who.endsWith(sandbox))?.reason ?? "";
    if (lack === "") expect(measured).toBeGreaterThan(3);
    else expect(measured).toBe(0);
  }
}, 120_000);
