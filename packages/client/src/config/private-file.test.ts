// Tests of which files are read as the config, and what is done to those that others may read.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { makeConfigHome, type ConfigHome } from "./config-home.fixture.ts";
import { makeFolderPrivate, readPrivateFile } from "./private-file.ts";

let at: ConfigHome;
beforeEach(() => {
  at = makeConfigHome();
});
afterEach(() => at[Symbol.dispose]());

const isRoot = process.getuid?.() === 0;

describe("readPrivateFile()", () => {
  test("reads a private file and says nothing", () => {
    at.write("hello");
    const file = readPrivateFile(at.file);
    expect(file?.bytes.toString()).toBe("hello");
    expect(file?.notes).toEqual([]);
  });

  test("answers undefined where there is no file, and for a link to nowhere", () => {
    expect(readPrivateFile(at.file)).toBeUndefined();
    symlinkSync(join(at.home, "nowhere"), at.file);
    expect(readPrivateFile(at.file)).toBeUndefined();
  });

  for (const mode of [0o644, 0o640, 0o604, 0o755]) {
    test(`sets a file of mode ${mode.toString(8)} to 0600 and says so once`, () => {
      at.write("hello", mode);
      expect(readPrivateFile(at.file)?.notes).toEqual([
        `Others could read ${at.file} (mode 0${mode.toString(8)}); its mode is now 0600.`,
      ]);
      expect(at.modeOf(at.file)).toBe(0o600);
      expect(readPrivateFile(at.file)?.notes).toEqual([]);
    });
  }

  test("names a file below the home folder with ~, in messages and in what is to be typed", () => {
    at.write("hello", 0o666);
    const { message, details } = failureOf(() => readPrivateFile(at.file, at.home));
    expect(message).toStartWith("Cannot read the config ~/.ml/config.toml:");
    expect(details["command"]).toBe("chmod 600 ~/.ml/config.toml");
    chmodSync(at.file, 0o644);
    expect(readPrivateFile(at.file, at.home)?.notes).toEqual([
      "Others could read ~/.ml/config.toml (mode 0644); its mode is now 0600.",
    ]);
  });

  test("checks and mends the target of a link", () => {
    const target = join(at.home, "dotfiles.toml");
    writeFileSync(target, "linked");
    chmodSync(target, 0o644);
    symlinkSync(target, at.file);
    expect(readPrivateFile(at.file)?.bytes.toString()).toBe("linked");
    expect(at.modeOf(target)).toBe(0o600);
  });

  for (const mode of [0o666, 0o602]) {
    test(`refuses a file of mode ${mode.toString(8)} that others could write, and leaves it as it is`, () => {
      at.write("hello", mode);
      const error = failureOf(() => readPrivateFile(at.file));
      expect(error.code).toBe("bad-file");
      expect(error.message).toContain(`chmod 600 ${at.file}`);
      expect(at.modeOf(at.file)).toBe(mode);
    });
  }

  test("mends a file that only the user's own group could write", () => {
    at.write("hello", 0o664);
    const myId = process.getuid?.() ?? 0;
    // A group with the user's number is the user's alone; only root may give the file to it for sure.
    if (process.getgid?.() !== myId) return;
    expect(readPrivateFile(at.file)?.notes).toHaveLength(1);
    expect(at.modeOf(at.file)).toBe(0o600);
  });

  test.skipIf(!isRoot)("refuses a file that another group could write", () => {
    at.write("hello", 0o660);
    chownSync(at.file, 0, 12_345);
    expect(failureOf(() => readPrivateFile(at.file)).message).toContain("others could write to it");
  });

  test.skipIf(!isRoot)("refuses a file of another account, with the command to type", () => {
    at.write("hello");
    chownSync(at.file, 12_345, 12_345);
    const error = failureOf(() => readPrivateFile(at.file));
    expect(error.message).toContain("belongs to another account (uid 12345)");
    expect(error.message).toContain(`sudo chown "$(id -un)" ${at.file}`);
  });

  test.skipIf(process.platform !== "linux")(
    "refuses a readable file in a place where modes cannot be changed",
    () => {
      // Everybody may read it, it is ours, and the kernel keeps its mode.
      const error = failureOf(() => readPrivateFile("/proc/self/status"));
      expect(error.message).toContain("others can read it (mode 0444), and that cannot be changed");
    },
  );

  test("does not wait for a FIFO", () => {
    expect(Bun.spawnSync(["mkfifo", at.file]).exitCode).toBe(0);
    expect(failureOf(() => readPrivateFile(at.file)).message).toContain("not a regular file");
  });

  test("refuses a folder, a device, and a path through a file", () => {
    mkdirSync(at.file);
    expect(failureOf(() => readPrivateFile(at.file)).message).toContain("is a folder");
    expect(failureOf(() => readPrivateFile("/dev/zero")).message).toContain("not a regular file");
    const through = failureOf(() => readPrivateFile("/etc/passwd/config.toml"));
    expect(through.message).toContain("not a folder");
  });

  test("refuses links in a circle", () => {
    symlinkSync(at.file, at.file);
    expect(failureOf(() => readPrivateFile(at.file)).message).toContain("circle");
  });

  test("takes 1 MiB and no more, without reading a gigabyte first", () => {
    at.write(Buffer.alloc(1024 * 1024, " "));
    expect(readPrivateFile(at.file)?.bytes).toHaveLength(1024 * 1024);
    truncateSync(at.file, 1024 * 1024 * 1024);
    expect(failureOf(() => readPrivateFile(at.file)).message).toContain("larger than 1 MiB");
  });

  test("quotes a path with spaces in the command to type", () => {
    const path = join(at.home, "my config's.toml");
    writeFileSync(path, "");
    chmodSync(path, 0o666);
    const error = failureOf(() => readPrivateFile(path));
    expect(error.message).toContain(String.raw`chmod 600 '${at.home}/my config'\''s.toml'`);
  });
});

describe("makeFolderPrivate()", () => {
  test("sets a folder that others may look into to 0700 and says so once", () => {
    chmodSync(at.folder, 0o755);
    expect(makeFolderPrivate(at.folder)).toHaveLength(1);
    expect(at.modeOf(at.folder)).toBe(0o700);
    expect(makeFolderPrivate(at.folder)).toEqual([]);
  });

  test("says nothing of a folder that is not there", () => {
    expect(makeFolderPrivate(join(at.home, "none"))).toEqual([]);
  });

  test.skipIf(!isRoot)("refuses a folder of another account", () => {
    chmodSync(at.folder, 0o755);
    chownSync(at.folder, 12_345, 12_345);
    expect(failureOf(() => makeFolderPrivate(at.folder)).message).toContain("another account");
  });
});

function failureOf(work: () => unknown): FetchmlError {
  try {
    work();
  } catch (error) {
    if (error instanceof FetchmlError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}
