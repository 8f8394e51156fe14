// `ml code` onto a disk that is too small: told in words, with what to do, and gone on with when there is room.
import { expect } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openBox, writeProject } from "./box.ts";
import { readTree } from "./random-tree.ts";
import { mountSmallDisk, needsMount } from "./small-disk.ts";

const MIB = 1024 ** 2;

needsMount()(
  "a full disk keeps what has come, and the same command goes on when there is room",
  async () => {
    const box = await openBox();
    const disk = mountSmallDisk(join(box.folder, "small"), 24 * MIB);
    try {
      const alice = await box.addPerson("alice");
      const files = Array.from({ length: 40 }, (_, i) => [`d/f${i}`, `${i} `.repeat(MIB / 16)]);
      const project = writeProject(join(alice.home, "project"), {
        "ml.toml": "",
        ...Object.fromEntries(files),
      });
      const queued = await alice.ml(["queue", "code", "--hold", "--", "true"], { cwd: project });
      expect(queued.code).toBe(0);
      const out = join(disk.path, "out");
      disk.fill(2 * MIB);
      const full = await alice.ml(["code", "code", "-o", out]);
      expect(full).toEqual({
        code: 5,
        stdout: "",
        stderr: expect.stringMatching(
          /^Cannot write to .*: the disk here is full\.\nMake room and run the same command again: what has come stays.*\n$/,
        ),
      });
      expect(existsSync(join(out, ".ml-code.part"))).toBe(false);
      const kept = Object.keys(readTree(out)).length;
      expect(kept).toBeGreaterThan(0);
      disk.empty();
      const again = await alice.ml(["code", "code", "-o", out, "--json"]);
      expect([again.code, again.stderr]).toEqual([0, ""]);
      expect(JSON.parse(again.stdout)).toMatchObject({ ready: kept });
      expect(readTree(out)).toEqual(readTree(project));
    } finally {
      await disk.close();
      await box.close();
    }
  },
  60_000,
);
