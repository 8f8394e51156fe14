// Shows which uses of an outside thing the floors refuse, and to whom they allow it.

import { describe, expect, test } from "bun:test";
import { findReservedAccess } from "./reserved-access.ts";
import { readSourceFile } from "./source-file.ts";

function problems(path: string, text: string): readonly string[] {
  return findReservedAccess(readSourceFile(path, text)).map(({ problem }) => problem);
}

const server = "packages/server/src";

describe("findReservedAccess()", () => {
  test.each([
    [`${server}/store/jobs.ts`, 'import type { Database } from "bun:sqlite";', "bun:sqlite"],
    [`${server}/store/jobs.test.ts`, 'import { Database } from "bun:sqlite";', "bun:sqlite"],
    [`${server}/rpc/a.ts`, "process.env.HOME;", "process.env"],
    [`${server}/rpc/a.ts`, 'process["env"].HOME;', "process.env"],
    [`${server}/rpc/a.ts`, "globalThis.process.env;", "process.env"],
    [`${server}/rpc/a.ts`, "const { env } = process;", "process.env"],
    [`${server}/rpc/a.ts`, 'import { env as e } from "node:process";', "process.env"],
    ["packages/client/src/a.ts", "Bun.env.HOME;", "Bun.env"],
    ["packages/client/src/a.ts", "import.meta.env.HOME;", "import.meta.env"],
    [`${server}/commands/a.ts`, "Bun.serve({ fetch });", "Bun.serve"],
    ["packages/cli/src/a.ts", 'import { createServer } from "node:net";', "node:net"],
    [`${server}/queue/a.ts`, 'import { spawn } from "bun";', "Bun.spawn"],
    [`${server}/queue/a.ts`, "await Bun.$`ls`;", "Bun.$"],
    [`${server}/queue/a.ts`, 'require("node:child_process");', "node:child_process"],
    [`${server}/domain/a.ts`, 'import { readFileSync } from "node:fs";', "node:fs"],
    [`${server}/domain/a.ts`, "const at = Date.now();", "Date.now"],
    [`${server}/domain/a.ts`, "const at = new Date();", "new Date()"],
    [`${server}/domain/a.ts`, "setTimeout(wake, 5);", "setTimeout()"],
  ])("in %s refuses %s", (path, text, use) => {
    expect(problems(path, text)).toEqual([expect.stringContaining(`uses ${use}:`)]);
  });

  test.each([
    [`${server}/store/database.ts`, 'import { Database } from "bun:sqlite";'],
    [`${server}/config/environment.ts`, "process.env.HOME;"],
    ["packages/cli/src/environment.ts", "process.env.HOME;"],
    ["packages/client/src/a.test.ts", "process.env.HOME;"],
    ["scripts/a.ts", "process.env.HOME;"],
    [`${server}/rpc/listen.ts`, "Bun.serve({ fetch });"],
    ["e2e/wrong-server.ts", 'import { createServer } from "node:net";'],
    [`${server}/executor/start.ts`, 'Bun.spawn(["true"]);'],
    ["packages/client/src/api-key.ts", "Bun.spawn(command);"],
    [`${server}/domain/a.ts`, 'import { join } from "node:path"; new Date(at);'],
    [`${server}/domain/a.ts`, "const text = 'Bun.spawn(process.env)'; // Date.now()"],
  ])("in %s allows %s", (path, text) => {
    expect(problems(path, text)).toEqual([]);
  });
});
