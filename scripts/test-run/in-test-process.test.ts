// Shows, with real runs of `bun test`, what the leak guard and needsSystem() do inside the test process.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-in-test-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs `text` as a test file of its own. */
async function runTestFile(
  text: string,
  options: { readonly flags?: readonly string[]; readonly isStrict?: boolean } = {},
): Promise<{ readonly code: number; readonly output: string }> {
  writeFileSync(join(folder, "a.test.ts"), `import { test } from "bun:test";\n${text}`);
  const bun = Bun.spawn([process.execPath, "test", ...(options.flags ?? []), "./a.test.ts"], {
    cwd: folder,
    env: { ...process.env, FETCHML_REQUIRE_SYSTEM: options.isStrict === true ? "1" : "" },
    stdout: "ignore",
    stderr: "pipe",
  });
  return { output: await bun.stderr.text(), code: await bun.exited };
}

describe("leak guard", () => {
  const flags = [`--preload=${join(import.meta.dir, "leak-guard.ts")}`];

  test("lets a run pass that closes what it opened", async () => {
    const text = `test("tidy", async () => {
      await Bun.serve({ port: 0, fetch: () => new Response() }).stop(true);
      await Bun.spawn(["true"]).exited;
    });`;
    expect(await runTestFile(text, { flags })).toMatchObject({ code: 0 });
  });

  test("fails a run that leaves a server and a child", async () => {
    const text = `test("untidy", () => {
      Bun.serve({ port: 0, fetch: () => new Response() });
      Bun.spawn(["sleep", "64"], { stdio: ["ignore", "ignore", "ignore"] });
    });`;
    const { code, output } = await runTestFile(text, { flags });
    const leaks = /The tests left behind:\nprocess (\d+): sleep 64\nlistening socket: tcp/.exec(
      output,
    );
    if (leaks !== null) process.kill(Number(leaks[1]));
    expect(leaks).not.toBeNull();
    expect(code).toBe(1);
  });
});

describe("needsSystem()", () => {
  const path = join(import.meta.dir, "../../e2e/system-tool.ts");
  const text = (tool: string, body: string) =>
    `import { needsSystem } from ${JSON.stringify(path)};
     needsSystem("sh", "${tool}")("asks the system", () => { ${body} });`;

  test("runs a test whose tools are there", async () => {
    const { code, output } = await runTestFile(text("cat", "throw new Error('it ran')"));
    expect(code).toBe(1);
    expect(output).toContain("it ran");
  });

  test("skips a test whose tool is missing, and says which", async () => {
    const { code, output } = await runTestFile(text("no-such-tool", "throw new Error()"));
    expect(code).toBe(0);
    expect(output).toContain("(skip) asks the system (needs no-such-tool)");
  });

  test("fails a test whose tool is missing where every tool must be there", async () => {
    const { code, output } = await runTestFile(text("no-such-tool", ""), { isStrict: true });
    expect(code).toBe(1);
    expect(output).toContain("needs no-such-tool: run scripts/install-system-packages.sh");
  });
});
