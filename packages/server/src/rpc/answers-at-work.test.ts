// How many requests of one connection are worked on at once, by what their answers weigh.
import { describe, expect, test } from "bun:test";
import { AnswersAtWork } from "./answers-at-work.ts";

const ROOM = 1_048_576;
const FRAME = '{"method":"x"}';

/** Starts on frames until there is no room; answers how many. */
function fill(
  work: AnswersAtWork,
  room = ROOM,
  frame = FRAME,
): ReturnType<AnswersAtWork["begin"]>[] {
  const ends = [];
  while (work.hasRoom(room)) ends.push(work.begin(frame));
  return ends;
}

function answerAll(ends: readonly ReturnType<AnswersAtWork["begin"]>[], bytes: number): void {
  for (const end of ends) end({ bytes, answers: 1 });
}

describe("AnswersAtWork", () => {
  test("starts with few requests, and takes 512 once their answers are seen to be small", () => {
    const work = new AnswersAtWork();
    const first = fill(work);
    expect(first).toHaveLength(65);
    answerAll(first, 100);
    expect(work.frames).toBe(0);
    expect(fill(work)).toHaveLength(512);
  });

  test("takes fewer when the answers of late were large, and one whatever they were", () => {
    const work = new AnswersAtWork();
    answerAll([work.begin(FRAME)], 100_000);
    expect(fill(work)).toHaveLength(11);
    const huge = new AnswersAtWork();
    answerAll([huge.begin(FRAME)], 50_000_000);
    expect(fill(huge)).toHaveLength(1);
    expect(fill(new AnswersAtWork(), 0)).toHaveLength(1);
  });

  test("forgets a large answer after some small ones", () => {
    const work = new AnswersAtWork();
    answerAll([work.begin(FRAME)], 1_000_000);
    for (let i = 0; i < 60; i++) answerAll([work.begin(FRAME)], 100);
    expect(fill(work)).toHaveLength(512);
  });

  test("counts a batch as the most requests it can hold, and learns the size of one answer from it", () => {
    const work = new AnswersAtWork();
    const batch = ' \n[{"method":"x"}]';
    const [only, ...more] = fill(work, ROOM, batch);
    expect(more).toEqual([]);
    only?.({ bytes: 10_000, answers: 100 });
    for (let i = 0; i < 60; i++) work.begin(batch)({ bytes: 10_000, answers: 100 });
    expect(fill(work, ROOM, batch)).toHaveLength(6);
  });
});
