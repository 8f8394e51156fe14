// gflow (the package runqd): one user's queue with a daemon that runs its jobs in tmux, in Rust.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { timed } from "../timed.ts";
import { endAll, freePort, programOf, untilWorks, type Peer } from "./peer.ts";

/** `gflowd` with its default settings but for its folder and port. */
export const gflow: Peer = {
  name: "gflow",
  async open(folder) {
    const daemon = programOf("gflowd");
    const programs = dirname(daemon);
    const config = join(folder, ".config/gflow/gflow.toml");
    mkdirSync(dirname(config), { recursive: true });
    writeFileSync(config, `[daemon]\nhost = "localhost"\nport = ${freePort()}\n`);
    const env = {
      // Its jobs call gcancel when they have ended, by its name.
      PATH: `${programs}:${process.env["PATH"] ?? "/usr/bin:/bin"}`,
      HOME: folder,
      SHELL: "/bin/bash",
      // A tmux server of its own.
      TMUX_TMPDIR: folder,
      TERM: "xterm",
    };
    const running = Bun.spawn([daemon], { env, cwd: folder, stdout: "ignore", stderr: "ignore" });
    await untilWorks([join(programs, "gqueue"), "--all"], env);
    const { stdout } = await timed([daemon, "--version"], { env });
    return {
      name: `gflow ${/[\d.]+/.exec(stdout)?.[0] ?? ""}`,
      env,
      submit: (command) => [join(programs, "gbatch"), "--", ...command],
      idIn: (text) => /job (\d+)/.exec(text)?.[1] ?? "",
      status: [join(programs, "gqueue"), "--all"],
      cancel: (id) => [join(programs, "gcancel"), id],
      follow: "its jobs are followed in tmux, on a terminal of the box",
      pids: [running.pid],
      async close() {
        await endAll([running]);
        await timed(["tmux", "kill-server"], { env }).catch(() => undefined);
      },
    };
  },
};
