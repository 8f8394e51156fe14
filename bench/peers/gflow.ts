// gflow (the package runqd): one user's queue with a daemon that runs its jobs in tmux, in Rust.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { timed } from "../timed.ts";
import { endAll, freePort, programOf, startedUntil, untilWorks, type Peer } from "./peer.ts";

/** `gflowd` with its default settings but for its folder, its port and how many jobs run at a time. */
export const gflow: Peer = {
  name: "gflow",
  async open(folder) {
    const daemon = programOf("gflowd");
    const programs = dirname(daemon);
    const config = join(folder, ".config/gflow/gflow.toml");
    mkdirSync(dirname(config), { recursive: true });
    writeFileSync(config, `[daemon]\nhost = "localhost"\nport = ${freePort()}\n`);
    const path = `${programs}:${process.env["PATH"] ?? "/usr/bin:/bin"}`;
    // Its jobs call gcancel when they have ended, by its name, from a login shell, which sets a path of its own.
    writeFileSync(join(folder, ".bash_profile"), `export PATH='${path}'\n`);
    const env = {
      PATH: path,
      HOME: folder,
      SHELL: "/bin/bash",
      // A tmux server of its own.
      TMUX_TMPDIR: folder,
      TERM: "xterm",
    };
    const start = () =>
      Bun.spawn([daemon], { env, cwd: folder, stdout: "ignore", stderr: "ignore" });
    let running: Bun.Subprocess = start();
    const status = [join(programs, "gqueue"), "--all"];
    await untilWorks(status, env);
    // Its jobs share GPUs and memory, not CPUs: two at a time run by a quota.
    const quota = ["quota", "set", "--default-user", "--max-running-jobs", "2"];
    await timed([join(programs, "gctl"), ...quota], { env });
    const { stdout } = await timed([daemon, "--version"], { env });
    return {
      name: `gflow ${/[\d.]+/.exec(stdout)?.[0] ?? ""}`,
      env,
      submit: (command) => [join(programs, "gbatch"), "--", ...command],
      idIn: (text) => /job (\d+)/.exec(text)?.[1] ?? "",
      status,
      cancel: (id) => [join(programs, "gcancel"), id],
      follow: "its jobs are followed in tmux, on a terminal of the box",
      pids: [running.pid],
      async restart() {
        await endAll([running]);
        const { server, ms } = await startedUntil(start, status, env);
        running = server;
        return ms;
      },
      async close() {
        await endAll([running]);
        await timed(["tmux", "kill-server"], { env }).catch(() => undefined);
      },
    };
  },
};
