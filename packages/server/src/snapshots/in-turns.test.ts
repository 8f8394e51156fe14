// Tests of work that lets others have their turn.
import { expect, test } from "bun:test";
import { inTurns } from "./in-turns.ts";

function* busy(milliseconds: number): Generator<void, string, void> {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) yield;
  return "done";
}

test("inTurns() resolves with what the work returns, and has let others in meanwhile", async () => {
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  expect(await inTurns(busy(100))).toBe("done");
  isDone = true;
  expect(turns).toBeGreaterThan(5);
});

test("inTurns() passes on what the work throws", async () => {
  // oxlint-disable-next-line require-yield -- it fails before its first pause
  function* failing(): Generator<void, void, void> {
    throw new Error("no");
  }
  expect(String(await inTurns(failing()).catch((error: unknown) => error))).toContain("no");
});
