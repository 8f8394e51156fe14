// The folders of an attempt are made whole, and a job starts inside its project.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attemptFolder } from "../../domain/attempt-folder.ts";
import { attemptSpec } from "../attempt.fixture.ts";
import { makeJobFolders, startFolder } from "./job-folders.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "fetchml-folders-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const spec = attemptSpec({ snapshot: "abc" });

describe("makeJobFolders()", () => {
  test("fills the work folder once, however often it is called", async () => {
    let count = 0;
    const checkout = async (snapshot: string | null, folder: string) => {
      count += 1;
      writeFileSync(join(folder, `${snapshot}`), "");
    };
    await makeJobFolders(dataDir, spec, { checkout, owner: null });
    await makeJobFolders(dataDir, spec, { checkout, owner: null });
    expect(count).toBe(1);
    expect(readdirSync(attemptFolder(dataDir, spec).work)).toEqual(["abc"]);
    expect(readdirSync(dataDir).toSorted()).toEqual(["attempts", "checkpoints", "homes"]);
  });

  test("leaves no job folder behind when the snapshot cannot be handed over", async () => {
    const checkout = async (_: string | null, folder: string) => {
      writeFileSync(join(folder, "half"), "");
      throw new Error("a blob is missing");
    };
    expect(
      await makeJobFolders(dataDir, spec, { checkout, owner: null }).catch(
        (error: unknown) => error,
      ),
    ).toMatchObject({ message: expect.stringContaining("a blob is missing") });
    expect(readdirSync(attemptFolder(dataDir, spec).root)).toEqual(["control"]);
  });

  test("called by several at once makes one whole folder", async () => {
    const checkout = async (_: string | null, folder: string) => {
      writeFileSync(join(folder, "first"), "");
      await Bun.sleep(0);
      writeFileSync(join(folder, "second"), "");
    };
    await Promise.all(
      [1, 2, 3].map(() => makeJobFolders(dataDir, spec, { checkout, owner: null })),
    );
    const { root, work } = attemptFolder(dataDir, spec);
    expect(readdirSync(work).toSorted()).toEqual(["first", "second"]);
    expect(readdirSync(root).toSorted()).toEqual(["control", "job"]);
  });
});

describe("startFolder()", () => {
  let work: string;
  beforeEach(() => {
    work = join(dataDir, "work");
    mkdirSync(join(work, "sub", "deep"), { recursive: true });
    writeFileSync(join(work, "file"), "");
  });

  test("answers the root and folders below it, through links inside too", () => {
    symlinkSync("sub", join(work, "link"));
    expect(startFolder({ outside: work, inside: work }, "")).toBe(work);
    expect(startFolder({ outside: work, inside: work }, "sub/deep")).toBe(
      join(work, "sub", "deep"),
    );
    expect(startFolder({ outside: work, inside: work }, "link/deep")).toBe(
      join(work, "sub", "deep"),
    );
  });

  test.each(["missing", "file", "..", "../work-other", "sub/../..", "/", "out"])(
    "refuses %j",
    (cwd) => {
      mkdirSync(join(dataDir, "work-other"));
      symlinkSync("/", join(work, "out"));
      if (cwd === "/") expect(startFolder({ outside: work, inside: work }, cwd)).toBe(work);
      else
        expect(() => startFolder({ outside: work, inside: work }, cwd)).toThrow(
          JSON.stringify(cwd),
        );
    },
  );

  test("names what to do when the folder is not in the snapshot", () => {
    expect(() => startFolder({ outside: work, inside: work }, "empty")).toThrow(
      "not in the snapshot",
    );
    expect(existsSync(join(work, "empty"))).toBeFalse();
  });
});
