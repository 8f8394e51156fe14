// What is said where the system refuses.
import { expect, test } from "bun:test";
import { join } from "node:path";

test("makePipe() where no descriptor is left fails with a cause that counts as a shortage", () => {
  const script = `
    import { openSync, closeSync } from "node:fs";
    import { makePipe } from "./libc.ts";
    import { isShortage } from "../local/box-shortage.ts";
    makePipe();
    const held = [];
    try { for (;;) held.push(openSync("/dev/null")); } catch {}
    closeSync(held.pop());
    try { makePipe(); } catch (error) {
      for (const each of held) closeSync(each);
      console.log(isShortage(error), error.message);
    }`;
  const { stdout, stderr } = Bun.spawnSync(
    ["sh", "-c", 'ulimit -n 64; exec "$0" "$@"', process.execPath, "-e", script],
    { cwd: join(import.meta.dir), env: { PATH: process.env["PATH"] ?? "" } },
  );
  expect(stdout.toString(), stderr.toString()).toBe(
    "true The box has too many files open to make a pipe.\n",
  );
});
