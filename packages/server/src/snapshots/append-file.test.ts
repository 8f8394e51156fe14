// Tests of a file that grows while its bytes arrive.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { AppendFile } from "./append-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-append-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("AppendFile", () => {
  test("holds what was appended, in order, whatever the pieces", async () => {
    let round = 0;
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 1, max: 3_000_000 }).map((length) => new Uint8Array(length).fill(length)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
        const path = join(folder, String(++round));
        const file = await AppendFile.create(path);
        for (const bytes of pieces) await file.append(bytes);
        await file.flush();
        expect(readFileSync(path).equals(Buffer.concat(pieces))).toBe(true);
        await file.close();
      }),
      { numRuns: 25 },
    );
  });

  test("takes thousands of small pieces at once", async () => {
    const path = join(folder, "many");
    const file = await AppendFile.create(path);
    const pieces = Array.from({ length: 5000 }, (_, index) => Buffer.from(`${index} `));
    await Promise.all(pieces.map((bytes) => file.append(bytes)));
    await file.sync();
    await file.close();
    expect(readFileSync(path, "utf8")).toBe(pieces.join(""));
  });

  test("goes on behind the bytes that count, and cuts off the others", async () => {
    const path = join(folder, "part");
    writeFileSync(path, "good bad bad");
    const file = await AppendFile.goOn(path, 5);
    await file.append(Buffer.from("end"));
    await file.sync();
    await file.close();
    expect(readFileSync(path, "utf8")).toBe("good end");
  });

  test("says so when a write fails, and goes on saying so", async () => {
    const file = await AppendFile.goOn("/dev/full", 0);
    await file.append(Buffer.from("x"));
    expect(String(await file.flush().catch((error: unknown) => error))).toContain("ENOSPC");
    expect(() => file.append(Buffer.from("y"))).toThrow("ENOSPC");
    await file.close();
  });

  test("is closed once, however often it is told to", async () => {
    const file = await AppendFile.create(join(folder, "x"));
    await file.append(new Uint8Array(5_000_000));
    await Promise.all([file.close(), file.close()]);
    await file.close();
    expect(() => file.append(Buffer.from("y"))).toThrow("closed");
  });
});
