// Tests of finding the line of a key.
import { expect, test } from "bun:test";
import { lineOfKey } from "./toml-lines.ts";

const TEXT = `# jobs.a.gpus = 1
name = "x"
[jobs.a]
gpus = 1
env = { A = "1",
  B = "2" }
jobs.a.cpus = 2

[jobs.'b c']
"d\\"e" = 1
[[list]]
[ jobs . f ] # note
  x.y = 1
`;

test("lineOfKey() finds keys in tables, quoted, dotted, and the line nearest to one inside a value", () => {
  const cases: readonly (readonly [readonly string[], number | null])[] = [
    [["name"], 2],
    [["jobs", "a"], 3],
    [["jobs", "a", "gpus"], 4],
    [["jobs", "a", "env", "A"], 5],
    [["jobs", "a", "none"], 3],
    [["jobs", "b c", 'd"e'], 10],
    [["jobs", "f", "x", "y"], 13],
    [["nowhere"], null],
  ];
  for (const [keys, line] of cases) expect([keys, lineOfKey(TEXT, keys)]).toEqual([keys, line]);
});
