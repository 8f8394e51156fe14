// The shell programs do the same under every shell that distributions use as `sh`.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "../attempt.fixture.ts";
import { makePipe } from "../exec/libc.ts";
import { uptimeCentiseconds } from "./boot.ts";
import { exportLines } from "./job-environment.ts";
import { processesOf } from "./local-executor.fixture.ts";
import { findProcess } from "./process-identity.ts";
import { installShellPrograms } from "./shell-programs.ts";

describe.each(["dash", "bash", "busybox"])("shell programs under %s", (shell) => {
  const program = Bun.which(shell);
  const isSkipped = program === null && process.env["FETCHML_REQUIRE_SYSTEM"] !== "1";
  let folder: string;
  let control: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "fetchml-shell-"));
    control = join(folder, "control");
    mkdirSync(control);
    // The name makes each of them behave as `sh`.
    if (program !== null) symlinkSync(program, join(folder, "sh"));
  });
  afterEach(async () => {
    await waitFor("the end of all processes", () => processesOf(folder).length === 0);
    rmSync(folder, { recursive: true });
  });

  /** Runs a job under a supervisor of this shell; answers its exit line and its log. */
  async function supervise(
    command: string | string[],
    environment: Record<string, string> = {},
    maxLog = 0,
  ) {
    const argv = typeof command === "string" ? ["/bin/sh", "-c", command] : command;
    const programs = installShellPrograms(folder);
    const path = "/usr/local/bin:/usr/bin:/bin";
    writeFileSync(join(control, "environment"), exportLines({ PATH: path, ...environment }));
    const sh = join(folder, "sh");
    const log = makePipe();
    const supervisor = Bun.spawn({
      cmd: [
        sh,
        programs["supervisor.sh"],
        control,
        "boot",
        String(maxLog),
        programs["launch-plain.sh"],
        "",
        folder,
        folder,
        Bun.which("setsid") ?? "",
        ...argv,
      ],
      env: { PATH: `${folder}:${path}` },
      detached: true,
      stdio: [Bun.file(join(control, "environment")), "ignore", "ignore", log.reading, log.writing],
    });
    closeSync(log.reading);
    closeSync(log.writing);
    await supervisor.exited;
    return [
      readFileSync(join(control, "exit"), "utf8"),
      readFileSync(join(control, "log"), "utf8"),
    ];
  }

  test.skipIf(isSkipped)("a job's exit code and output are kept", async () => {
    expect(await supervise("echo out; echo err >&2; exit 3")).toEqual(["exited 3\n", "out\nerr\n"]);
  });

  test.skipIf(isSkipped)("a job gets its variables as they are, special names too", async () => {
    const environment = { IFS: "x", QUOTES: `'a' "b" $c \`d\` \\e\nf'` };
    const [exit, log] = await supervise(["printenv", "QUOTES"], environment);
    expect([exit, log]).toEqual(["exited 0\n", `${environment.QUOTES}\n`]);
  });

  test.skipIf(isSkipped)("a name that the shell keeps for itself stops no job", async () => {
    const [exit, log] = await supervise("echo ran", { UID: "1", PPID: "1" });
    expect(exit).toBe("exited 0\n");
    expect(log).toEndWith("ran\n");
  });

  test.skipIf(isSkipped)(
    "a job has default signals, a closed stdin and no other open file",
    async () => {
      const [, log] = await supervise(
        "grep -E 'Sig(Ign|Blk)' /proc/self/status; cat; ls /proc/self/fd",
      );
      // 3 is the folder that ls reads.
      expect(log).toBe("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n0\n1\n2\n3\n");
    },
  );

  test.skipIf(isSkipped)("a job over its time gets TERM", async () => {
    writeFileSync(join(control, "deadline"), `${uptimeCentiseconds() + 30} 300\n`);
    const [exit] = await supervise("exec sleep 1000");
    expect(exit).toBe("timed-out 143 300\n");
  });

  test.skipIf(isSkipped)("a supervisor whose folder was removed ends, too", async () => {
    const end = await supervise(`rm -r '${control}'`).catch(String);
    expect(end).toContain("ENOENT");
  });

  test.skipIf(isSkipped)("what a job leaves in its group is ended", async () => {
    const [exit, log] = await supervise("sleep 1000 & echo $!; exit 0");
    expect(exit).toBe("exited 0\n");
    expect(findProcess(Number(log))).toBeNull();
  });

  test.skipIf(isSkipped)(
    "a log beyond its limit keeps every byte but those of the cut",
    async () => {
      const [exit, log = ""] = await supervise(
        "i=0; while [ $i -lt 40 ]; do i=$((i + 1)); head -c 99999 /dev/zero | tr '\\0' x; echo $i; done",
        {},
        1024 ** 2,
      );
      expect(exit).toBe("exited 0\n");
      // Its own fallocate makes no holes: the log ends at its limit, and says so.
      if (shell === "busybox") {
        expect(log.length).toBeLessThan(1024 ** 2 + 131_072 + 100);
        expect(log.slice(-100)).toContain("\nfetchml: the log has grown to its limit");
        return;
      }
      const [from, to] = readFileSync(join(control, "cut"), "utf8").split(" ").map(Number);
      expect(from).toBe(1024 ** 2 / 2);
      expect(log.length - (to ?? 0)).toBeGreaterThanOrEqual((1024 ** 2 * 3) / 8);
      expect(log.slice(-10)).toEndWith("x40\n");
      const kept = log.slice(0, from) + log.slice(to);
      expect(kept.includes("\0")).toBe(false);
      // The size tells that nothing was lost: 40 times 99,999 bytes, 9 numbers of one digit, 31 of two, and 40 line feeds.
      expect(log.length).toBe(40 * 99_999 + 9 + 62 + 40);
    },
  );

  test.skipIf(isSkipped)(
    "a job that is ended by a guard tells which and what it went beyond",
    async () => {
      writeFileSync(join(control, "guarded"), `${uptimeCentiseconds()} disk-full 20 10 outputs\n`);
      expect((await supervise("echo ran"))[0]).toBe("disk-full 143 20 10 outputs\n");
    },
  );
});

test("installShellPrograms() lays the programs out without comments, which a shell would read anew for each attempt", () => {
  const folder = mkdtempSync(join(tmpdir(), "fetchml-programs-"));
  try {
    for (const path of Object.values(installShellPrograms(folder))) {
      expect(readFileSync(path, "utf8")).not.toMatch(/^[ \t]*(#|$)./m);
      expect(Bun.spawnSync(["sh", "-n", path]).exitCode).toBe(0);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("installShellPrograms() writes a program anew that a power failure has left empty", () => {
  const folder = mkdtempSync(join(tmpdir(), "fetchml-programs-"));
  try {
    const path = installShellPrograms(folder)["supervisor.sh"];
    const whole = readFileSync(path, "utf8");
    writeFileSync(path, "");
    installShellPrograms(folder);
    expect(readFileSync(path, "utf8")).toBe(whole);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
