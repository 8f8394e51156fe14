// Which attempts a pull is about, and what its folder is called.
import { describe, expect, test } from "bun:test";
import type { OutputListing } from "@fetchml/client/pull";
import { selectOutputs, type WantedOutputs } from "./pull-selection.ts";

const LISTING: OutputListing = {
  jobId: 12,
  name: "train",
  attempts: [1, 2, 3, 4].map((attempt) => ({ attempt, ended: attempt < 4 })),
  entries: [1, 3].map((attempt) => ({
    attempt,
    entry: { kind: "file", path: "model.pt", size_bytes: 1, modified_at: 1, executable: false },
  })),
  complete: true,
};

const ALL: WantedOutputs = {
  kind: "outputs",
  globs: [],
  attempt: null,
  latestOnly: false,
  includeLog: false,
  platform: "linux",
  allowsGit: false,
  workingFolder: import.meta.dir,
};

const NOTHING_HERE = { file: null, folder: null };

function select(changes: Partial<WantedOutputs> = {}, listing = LISTING) {
  const wanted = { ...ALL, ...changes };
  const { selection, folderName } = selectOutputs(listing, wanted);
  return { attempts: selection.attempts, logs: selection.logs, folderName };
}

describe("selectOutputs()", () => {
  test("takes all attempts that have left something, and with logs those of all", () => {
    expect(select()).toEqual({ attempts: [1, 3], logs: [], folderName: "train-12" });
    expect(select({ includeLog: true }).logs).toEqual([1, 2, 3, 4]);
  });

  test("takes the newest that has left something with --latest-only, and the one that was named", () => {
    expect(select({ latestOnly: true, includeLog: true })).toEqual({
      attempts: [3],
      logs: [3],
      folderName: "train-12.3",
    });
    expect(select({ attempt: 1 })).toEqual({ attempts: [1], logs: [], folderName: "train-12.1" });
  });

  test("says that nothing was left, or that nothing fits", () => {
    expect(() => select({ attempt: 4 })).toThrow(
      /Job 12#4 \(train\) has left nothing in \$ML_OUTPUT_DIR yet/,
    );
    expect(() => select({ globs: ["*.log"] })).toThrow(/Nothing .* fits "\*\.log"/);
    const ended = { ...LISTING, entries: [], attempts: [{ attempt: 1, ended: true }] };
    expect(() => select({}, ended)).toThrow(/has left nothing in \$ML_OUTPUT_DIR\. /);
    expect(() => select({ kind: "checkpoints" }, ended)).toThrow(/\$ML_CHECKPOINT_DIR/);
    expect(select({ includeLog: true }, ended).logs).toEqual([1]);
  });

  test("tells which of several patterns fit nothing, and whether they may yet", () => {
    const unmatched = (changes: Partial<WantedOutputs>, listing = LISTING) =>
      selectOutputs(listing, { ...ALL, ...changes }).unmatched;
    expect(unmatched({ globs: ["*.pt", "x", "y"] })).toEqual({
      globs: ["x", "y"],
      mayCome: true,
      real: new Map(),
      here: NOTHING_HERE,
    });
    expect(unmatched({ globs: ["x"], includeLog: true }).globs).toEqual(["x"]);
    const attempts = [{ attempt: 1, ended: true }];
    const ended = { ...LISTING, attempts };
    expect(unmatched({ globs: ["*.pt", "x"] }, ended)).toEqual({
      globs: ["x"],
      mayCome: false,
      real: new Map(),
      here: NOTHING_HERE,
    });
    expect(() => select({ globs: ["x", "y", "x"] })).toThrow('fits "x", "y" yet.');
    expect(() => select({ globs: ["x"] }, ended)).toThrow('fits "x".');
    // What only an attempt that is not meant has left fits nothing here.
    const [first] = LISTING.entries;
    const only = { ...LISTING, entries: first === undefined ? [] : [first] };
    expect(() => select({ globs: ["model.pt"], attempt: 3 }, only)).toThrow("has left nothing");
  });

  test("tells which of the patterns that fit nothing are names of what is here", () => {
    const here = (...globs: readonly string[]) =>
      selectOutputs(LISTING, { ...ALL, globs: ["model.pt", ...globs] }).unmatched.here;
    expect(here("x", "render", "pull-selection.ts", "main.ts")).toEqual({
      file: "pull-selection.ts",
      folder: "render",
    });
    // One of those that the shell has made of a pattern fits.
    const [left] = LISTING.entries;
    if (left?.entry.kind !== "file") throw new Error("no file is left");
    const main = { ...LISTING, entries: [{ ...left, entry: { ...left.entry, path: "main.ts" } }] };
    const globs = ["main.ts", "pull-selection.ts"];
    expect(selectOutputs(main, { ...ALL, globs }).unmatched.here.file).toBe("pull-selection.ts");
    expect(here("*.ts", "x\0", "x".repeat(5000))).toEqual(NOTHING_HERE);
  });

  test("takes names of files here for plainly typed unless several of them end alike", () => {
    const file = (...globs: readonly string[]) =>
      selectOutputs(LISTING, { ...ALL, globs: ["model.pt", ...globs] }).unmatched.here.file;
    expect(file("main.ts")).toBeNull();
    expect(file("main.ts", "main.ts", "x.ts", "../package.json")).toBeNull();
    expect(file("./main.ts", "../src/main.ts", import.meta.path)).toBeNull();
    expect(file("/etc/passwd", "/etc/group")).toBeNull();
  });

  test("says of a job that has had no attempt that it was never started", () => {
    const waiting = { ...LISTING, attempts: [], entries: [] };
    const words =
      'Job 12 (train) has left nothing: it has never been started. "ml why 12" tells why.';
    for (const changes of [{}, { kind: "checkpoints" }, { includeLog: true }] as const) {
      expect(() => select(changes, waiting)).toThrow(words);
    }
  });

  test("takes no folder name from the server that would lead elsewhere", () => {
    for (const name of ["../../x", "", ".ssh", "a/b", "a\u001B"]) {
      expect(select({}, { ...LISTING, name }).folderName).toBe("job-12");
    }
  });
});
