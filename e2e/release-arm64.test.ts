// The executable for 64-bit ARM, made here and run on a computed processor of that kind.
import { expect } from "bun:test";
import { join } from "node:path";
import { PRODUCT_VERSION } from "@fetchml/protocol";
import { executables, targets } from "../scripts/build-steps/build-plan.ts";
import { compile } from "../scripts/build-steps/compile.ts";
import { checkExecutables } from "../scripts/release/executable-kind.ts";
import { runToEnd } from "./box.ts";
import { needsParts } from "./system-tool.ts";

const root = join(import.meta.dir, "..");
const made = join(root, "dist/linux-arm64");
/** Where Debian puts libraries of that processor. */
const LIBRARIES = "/usr/aarch64-linux-gnu";

const qemu = ["qemu-aarch64-static", "qemu-aarch64"].find((each) => Bun.which(each) !== null);

/** What is missing to build it, in words: the first time Bun fetches itself from the npm registry. */
async function build(): Promise<readonly string[]> {
  const target = targets.find(({ name }) => name === "linux-arm64");
  const executable = executables.find(({ name }) => name === "ml");
  if (target === undefined || executable === undefined) throw new Error("there is no such target");
  try {
    await compile({ root, executable, target, outfile: join(made, "ml") });
    checkExecutables(made, { ...target, executables: ["ml"] });
    return [];
  } catch (error) {
    if (!String(error).includes("npm registry")) throw error;
    return ["Bun for arm64, from the npm registry"];
  }
}

const missing = [
  ...(qemu === undefined ? ["qemu-user-static"] : []),
  ...((await Bun.file(join(LIBRARIES, "lib/libc.so.6")).exists()) ? [] : ["libc6-arm64-cross"]),
];

needsParts(missing.length > 0 ? missing : await build())(
  "ml for linux-arm64 runs, and completes",
  async () => {
    const run = (...args: readonly string[]) =>
      runToEnd([qemu ?? "", "-L", LIBRARIES, join(made, "ml"), ...args], {
        env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent" },
      });
    expect(await run("--version")).toEqual({
      code: 0,
      stdout: `ml ${PRODUCT_VERSION}\n`,
      stderr: "",
    });
    expect((await run("completion", "bash")).stdout).toContain("complete -o default -F _ml ml\n");
  },
  300_000,
);
