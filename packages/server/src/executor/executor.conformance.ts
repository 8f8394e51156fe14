// What every executor must do, as tests that each implementation runs against itself.
import { afterEach, beforeEach, describe } from "bun:test";
import type { ConformanceSubject } from "./attempt.fixture.ts";
import { testEnds } from "./executor-ends.conformance.ts";
import { testGuards } from "./executor-guards.conformance.ts";
import { testStarts } from "./executor-starts.conformance.ts";

/** Defines the tests that every executor passes; each gets a fresh subject. */
export function testExecutor(name: string, create: () => Promise<ConformanceSubject>): void {
  describe(name, () => {
    let current: ConformanceSubject | null = null;
    const subject = () => {
      if (current === null) throw new Error("there is no subject between tests");
      return current;
    };
    beforeEach(async () => {
      current = await create();
    });
    afterEach(() => subject().close());
    describe("starts", () => testStarts(subject));
    describe("ends", () => testEnds(subject));
    describe("guards", () => testGuards(subject));
  });
}
