// Tests of the file without a name.
import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createVariablesFile } from "./variables-file.ts";

test("createVariablesFile() makes a whole file in memory that has no name", async () => {
  const control = mkdtempSync(join(tmpdir(), "fetchml-variables-"));
  const text = "x".repeat(1_000_000);
  const file = createVariablesFile(control, { text, hasSecrets: true });
  expect(readlinkSync(`/proc/self/fd/${file.fd}`)).toMatch(/^\/dev\/shm\/.*\(deleted\)$/);
  expect(readdirSync(control)).toEqual([]);
  // By whoever gets it, and again by opening it anew.
  expect(readFileSync(`/proc/self/fd/${file.fd}`, "utf8")).toBe(text);
  const child = Bun.spawn({ cmd: ["cat"], stdin: file.fd, stdout: "pipe" });
  file.close();
  file.close();
  expect(await child.stdout.text()).toBe(text);
  rmSync(control, { recursive: true });
});
