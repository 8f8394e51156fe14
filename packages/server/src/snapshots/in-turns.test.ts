// Tests of work that lets others have their turn.
import { expect, test } from "bun:test";
import { inTurns } from "./in-turns.ts";

test("inTurns() resolves with what the work returns, and has let others in meanwhile", async () => {
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  const deadline = performance.now() + 10_000;
  function* busyUntilOthersHadTheirTurn(): Generator<void, string, void> {
    for (;;) {
      if (turns >= 5) return "done";
      if (performance.now() > deadline) return "nobody else was let in";
      yield;
    }
  }
  expect(await inTurns(busyUntilOthersHadTheirTurn())).toBe("done");
  isDone = true;
});

test("inTurns() passes on what the work throws", async () => {
  // oxlint-disable-next-line require-yield -- it fails before its first pause
  function* failing(): Generator<void, void, void> {
    throw new Error("no");
  }
  expect(String(await inTurns(failing()).catch((error: unknown) => error))).toContain("no");
});
