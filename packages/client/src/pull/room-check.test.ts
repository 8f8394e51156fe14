// A pull that would not fit on the disk here.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PARTS_FOLDER } from "./local-name.ts";
import { PartsFolder } from "./parts-folder.ts";
import type { PlannedFile } from "./plan-pull.ts";
import { openPullBench, type PullBench } from "./pull-server.fixture.ts";
import { refuseWithoutRoom } from "./room-check.ts";
import { openTarget } from "./target-folder.ts";

let bench: PullBench;

beforeEach(async () => {
  bench = await openPullBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const MIB = 1_048_576;

function planned(path: string, sizeBytes: number | null): PlannedFile {
  const address = `/jobs/12/outputs/${path}`;
  const place = { attempt: 1, path, localPath: path, address, tree: null };
  return { ...place, sizeBytes, modifiedAt: 1, executable: false };
}

/** What a disk with so much room says to those files; `null` when it has no objection. */
function objection(
  freeMib: number,
  files: readonly PlannedFile[],
  { force = false, parts }: { readonly force?: boolean; readonly parts?: PartsFolder } = {},
): string | null {
  const target = openTarget(bench.target, 0);
  const pull = { target, parts: parts ?? new PartsFolder(target), force };
  try {
    refuseWithoutRoom(pull, files, () => ({ bsize: MIB, blocks: 100, bavail: freeMib }));
    return null;
  } catch (error) {
    return String(error);
  }
}

describe("refuseWithoutRoom()", () => {
  test("names what is to come, the room there is, the largest file and what to do", () => {
    const files = [planned("a", MIB), planned("weights\n.bin", 1024 ** 4), planned("log", null)];
    expect(objection(5, files)?.split("\n")).toEqual([
      `FetchmlError: Cannot pull into ${bench.target}: 1 TiB is still to come, and that disk has 5 MiB free.`,
      'The largest is "weights\\n.bin" (1 TiB).',
      "Make room and run the same command again, pull less with a pattern, or name a folder on another disk with -o DIR.",
    ]);
    const long = `${"x".repeat(200)}/`.repeat(15);
    expect(objection(5, [planned(`${long}x`, 9 * MIB)])?.length).toBeLessThan(500);
  });

  test("has no objection to what just fits, or where the system tells of no room at all", () => {
    expect(objection(5, [planned("a", 4 * MIB), planned("b", MIB)])).toBe(null);
    expect(objection(5, [planned("a", 4 * MIB), planned("b", MIB + 1)])).toContain("5 MiB free");
    const target = openTarget(bench.target, 0);
    const pull = { target, parts: new PartsFolder(target), force: false };
    const large = [planned("a", 1024 ** 4)];
    refuseWithoutRoom(pull, large, () => ({ bsize: MIB, blocks: 0, bavail: 0 }));
    refuseWithoutRoom(pull, large, () => {
      throw new Error("no such thing");
    });
  });

  test("counts nothing for what is here, but what is to be replaced by another size", () => {
    writeFileSync(join(bench.target, "same"), "12345");
    writeFileSync(join(bench.target, "other"), "1");
    const [same, other] = [planned("same", 5), planned("other", 10 * MIB)];
    expect(objection(0, [same, other])).toBe(null);
    expect(objection(0, [same], { force: true })).toBe(null);
    expect(objection(9, [same, other], { force: true })).toContain("10 MiB is still to come");
  });

  test("counts what an earlier try has left as being there", () => {
    const parts = new PartsFolder(openTarget(bench.target, 0));
    const file = planned("a", 10 * MIB);
    const part = parts.begin(file.address, '"v1"');
    part.append(new Uint8Array(4 * MIB));
    part.close();
    expect(objection(6, [file], { parts })).toBe(null);
    expect(objection(5, [file], { parts })).toContain(
      `An earlier try has left 4 MiB in ${PARTS_FOLDER} there.`,
    );
  });
});

test("a pull that cannot fit asks for nothing and leaves nothing, and a small file beside it comes", async () => {
  const size = { size_bytes: 1e15, modified_at: 1, executable: false };
  bench.others.push({ attempt: 1, entry: { kind: "file", path: "large", ...size } });
  bench.put("small");
  const error = await bench.pull().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "disk-full" });
  expect(bench.requests).toEqual([]);
  expect(readdirSync(bench.target)).toEqual([]);
  expect(bench.outcomes(await bench.pull({ globs: ["small"] }))).toEqual(["small pulled"]);
});
