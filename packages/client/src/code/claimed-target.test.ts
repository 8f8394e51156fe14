// Tests of claiming a folder, by several processes at once and after some that were killed.
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
import { claimRepeatedly } from "./claim-repeatedly.fixture.ts";
import { claimTarget, type ClaimedTarget } from "./claimed-target.ts";

let folder: string;
let root: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-claim-"));
  root = join(folder, "staging");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function claimed(): ClaimedTarget {
  const claim = claimTarget(root);
  if (typeof claim === "number") throw new Error(`claimed by ${claim}`);
  return claim;
}

/** The number of a process that is no more. */
async function deadPid(): Promise<number> {
  const child = Bun.spawn(["true"]);
  await child.exited;
  return child.pid;
}

describe("claimTarget()", () => {
  test("gives an empty folder, tells others whose it is, and leaves nothing", () => {
    const first = claimed();
    expect(readdirSync(first.staging)).toEqual([]);
    expect(claimTarget(root)).toBe(process.pid);
    writeFileSync(join(first.staging, "next"), "half");
    first.close();
    expect(existsSync(root)).toBe(false);
    const second = claimed();
    first.close();
    expect(existsSync(second.staging)).toBe(true);
    second.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("goes over what a dead run has left, and over what was never a claim", async () => {
    const pid = await deadPid();
    for (const path of [`claim/${pid}-00000000`, `${pid}-11111111/${pid}-11111111`, "next"]) {
      mkdirSync(join(root, path), { recursive: true });
    }
    writeFileSync(join(root, `claim/${pid}-00000000/next`), "half");
    // Of a dead process that had the number of this one.
    mkdirSync(join(root, `claim/${process.pid}-22222222`));
    claimed().close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("follows no link that lies in its place", () => {
    const other = join(folder, "other");
    mkdirSync(join(other, "1-00000000"), { recursive: true });
    symlinkSync(other, root);
    claimed().close();
    mkdirSync(root);
    symlinkSync(other, join(root, "claim"));
    claimed().close();
    expect(readdirSync(folder)).toEqual(["other"]);
    expect(readdirSync(other)).toEqual(["1-00000000"]);
  });

  test("lets one in at a time of many processes, some of which are killed", async () => {
    expect(claimRepeatedly(folder, 3)).toBe(3);
    const fixture = JSON.stringify(join(import.meta.dir, "claim-repeatedly.fixture.ts"));
    const start = (times: number) => {
      const call = `claimRepeatedly(${JSON.stringify(folder)}, ${times})`;
      const program = `import { claimRepeatedly } from ${fixture}; console.log(${call});`;
      return Bun.spawn([process.execPath, "-e", program], { stdout: "pipe", stderr: "pipe" });
    };
    const others = Array.from({ length: 3 }, () => start(300));
    const ends = await Promise.all(
      others.map(async ({ stdout, stderr, exited }) => [
        await exited,
        await new Response(stderr).text(),
        Number(await new Response(stdout).text()),
      ]),
    );
    expect(ends.map(([code, complaint]) => [code, complaint])).toEqual(others.map(() => [0, ""]));
    // One may always come when another is there; all of them cannot.
    expect(ends.reduce((sum, [, , claims]) => sum + Number(claims), 0)).toBeGreaterThan(0);
    const endless = start(1e9);
    while (!existsSync(join(folder, "alone"))) await Bun.sleep(1);
    endless.kill("SIGKILL");
    await endless.exited;
    claimed().close();
    expect(existsSync(root)).toBe(false);
  }, 60_000);
});
