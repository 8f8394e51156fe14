// Tests of reading a project in which files go between being listed and being read.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { hashFound } from "./hash-found.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { findProjectTree, type ProjectTree } from "./project-tree.ts";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";
import { readTree } from "./read-tree.ts";

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
  at.write("data.csv");
  at.write("train.py", "old");
});
afterEach(() => at[Symbol.dispose]());

const path = (name: string): string => join(at.root, name);

/** What happens, step by step, between each list and its reading, and in each pause. */
interface Meanwhile {
  readonly listed?: readonly (() => void)[];
  readonly paused?: readonly (() => void)[];
  /** Names of each list that are gone when they are looked at. */
  readonly gone?: readonly (readonly string[])[];
}

async function readWhile({ listed = [], paused = [], gone = [] }: Meanwhile) {
  const pauses: number[] = [];
  const readAnew: string[][] = [];
  const list = async (): Promise<ProjectTree> => {
    const { root, env } = at;
    const options = { root, git: null, projectIgnore: [], env, leaveOut: null };
    const tree = await findProjectTree({ ...options, limits: DEFAULT_LIMITS }, null);
    return { ...tree, gone: gone[readAnew.length] ?? [] };
  };
  const { read } = await readTree({
    list,
    hash: (tree, { known }) => {
      listed[readAnew.length]?.();
      const anew: string[] = [];
      readAnew.push(anew);
      return hashFound(at.root, tree.found, {
        known: (name, stamp) => {
          const content = known?.(name, stamp) ?? null;
          if (content === null) anew.push(name);
          return content;
        },
      });
    },
    known: null,
    lookedAt: Date.now() + 60_000,
    delay: async (ms) => {
      paused[pauses.length]?.();
      pauses.push(ms);
    },
  });
  return { names: read.entries.map((entry) => entry.path), pauses, readAnew, read };
}

/** As vim saves a file. */
const saving = {
  begin: () => renameSync(path("train.py"), path("train.py~")),
  end: () => {
    at.write("train.py", "new");
    rmSync(path("train.py~"));
  },
};

describe("readTree()", () => {
  test("lists once where nothing goes, whatever else changes", async () => {
    const { names, pauses } = await readWhile({ listed: [() => at.write("train.py", "new")] });
    expect([names, pauses]).toEqual([["data.csv", "train.py"], []]);
  });

  test("has a file that was away for a moment, and reads nothing else again", async () => {
    const seen = await readWhile({ listed: [saving.begin], paused: [saving.end] });
    expect(seen.names).toEqual(["data.csv", "train.py"]);
    expect(seen.readAnew).toEqual([["data.csv", "train.py"], ["train.py"]]);
    expect(seen.pauses).toHaveLength(1);
    expect(seen.read.kept.size).toBe(2);
  });

  test("has a file that the next list lacks too, and the one after that has", async () => {
    const paused = [() => undefined, saving.end];
    const { names, pauses } = await readWhile({ listed: [saving.begin], paused });
    expect(names).toEqual(["data.csv", "train.py"]);
    expect(pauses).toHaveLength(2);
  });

  test("has a file that was gone already when the list looked at it", async () => {
    rmSync(path("train.py"));
    const { names } = await readWhile({
      gone: [["train.py"]],
      paused: [() => undefined, () => at.write("train.py")],
    });
    expect(names).toEqual(["data.csv", "train.py"]);
  });

  test("leaves out a file once two lists in a row lack it", async () => {
    const { names, pauses } = await readWhile({ listed: [() => rmSync(path("train.py"))] });
    expect([names, pauses]).toEqual([["data.csv"], [20, 60]]);
  });

  test("goes on without files that come and go all the time", async () => {
    at.write("tmp0");
    const listed = Array.from({ length: 9 }, (_, turn) => () => {
      renameSync(path(`tmp${turn}`), path(`tmp${turn + 1}`));
    });
    const { names, pauses } = await readWhile({ listed });
    expect([names, pauses]).toEqual([
      ["data.csv", "train.py"],
      [20, 60, 180],
    ]);
  });
});
