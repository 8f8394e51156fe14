// Tests of what is named when a project is too heavy.
import { describe, expect, test } from "bun:test";
import { heaviestPaths } from "./heaviest-paths.ts";

function heaviest(weights: Readonly<Record<string, number>>) {
  const files = Object.entries(weights).map(([path, weight]) => ({ path, weight }));
  return heaviestPaths(files, ({ weight }) => weight).map(
    ({ path, weight }) => `${path} ${weight}`,
  );
}

const pictures = (folder: string, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, place) => [`${folder}/${place}.png`, 1]));

describe("heaviestPaths()", () => {
  test("names a folder of many things alike as a whole, however deep it lies", () => {
    expect(heaviest({ ...pictures("data/raw/train", 100), "src/a.py": 1, "b.py": 2 })).toEqual([
      "data/raw/train/ 100",
      "b.py 2",
      "src/ 1",
    ]);
  });

  test("names the few files that have nearly all the weight of a folder", () => {
    const models = { "runs/1/model.bin": 500, "runs/1/log.txt": 5, "runs/2/model.bin": 400 };
    expect(heaviest({ ...models, "runs/2/log.txt": 3, "a.py": 1 })).toEqual([
      "runs/1/model.bin 500",
      "runs/2/model.bin 400",
      "runs/1/log.txt 5",
      "runs/2/log.txt 3",
      "a.py 1",
    ]);
  });

  test("counts all that lies below a folder once", () => {
    const files = { ...pictures("a/b", 40), ...pictures("a/c", 30), "a/d.txt": 2 };
    expect(heaviest(files)).toEqual(["a/b/ 40", "a/c/ 30", "a/d.txt 2"]);
  });

  test("does not take one folder for another whose name begins alike", () => {
    expect(heaviest({ ...pictures("data", 50), ...pictures("data2", 50) })).toEqual([
      "data/ 50",
      "data2/ 50",
    ]);
  });
});
