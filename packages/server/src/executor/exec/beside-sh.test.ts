// What the shell programs know of commands beside a job, under every shell that distributions use as `sh`.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { installShellPrograms } from "../local/shell-programs.ts";

describe.each(["dash", "bash", "busybox"])("beside.sh under %s", (shell) => {
  const program = Bun.which(shell);
  const isSkipped = program === null && process.env["FETCHML_REQUIRE_SYSTEM"] !== "1";
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "fetchml-beside-"));
    if (program !== null) symlinkSync(program, join(folder, "sh"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs lines with the program in the control folder; answers what they print. */
  async function run(lines: string): Promise<string> {
    const programs = dirname(installShellPrograms(folder)["exec.sh"]);
    const text = `. ${programs}/control.sh\n. ${programs}/beside.sh\n${lines}`;
    const child = Bun.spawn({
      cmd: [join(folder, "sh"), "-c", text],
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [out, complaint] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    expect(complaint).toBe("");
    return out;
  }
  const files = () => readdirSync(folder).filter((name) => name.startsWith("beside."));

  test.skipIf(isSkipped)("counts a command, and none when the job is ending", async () => {
    expect(await run('count_beside && [ -s "$beside" ] && has_beside && echo yes')).toBe("yes\n");
    expect(files()).toHaveLength(1);
    rmSync(join(folder, files()[0] ?? ""));
    expect(await run("close_beside; count_beside || echo no")).toBe("no\n");
    expect(files()).toEqual([]);
    expect(await run("open_beside; count_beside && echo yes")).toBe("yes\n");
  });

  test.skipIf(isSkipped)("waits for nobody where none runs, or it died uncounted", async () => {
    expect(await run("end_beside never; echo on")).toBe("on\n");
    writeFileSync(join(folder, "beside.1"), "1 1\n");
    writeFileSync(join(folder, "beside.2"), "");
    expect(await run("end_beside never; echo on")).toBe("on\n");
  });

  test.skipIf(isSkipped)("does what ends one until it has gone", async () => {
    const lines = `sleep 1000 & read_start $!; printf '%s %s\\n' $! "$started" >beside.$!; last=$!; times=0
      step() { times=$((times + 1)); [ "$times" -lt 3 ] || kill -s KILL "$last"; }
      end_beside step; has_beside || echo "gone"; [ "$times" -ge 3 ] && echo enough`;
    expect(await run(lines)).toBe("gone\nenough\n");
  });
});
