// task-spooler: one user's queue in memory, in C.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { timed } from "../timed.ts";
import { programOf, type Peer } from "./peer.ts";

/** Debian's `tsp`. It keeps nothing on disk: what is queued ends with its server. */
export const taskSpooler: Peer = {
  name: "task-spooler",
  async open(folder) {
    const tsp = programOf("tsp");
    mkdirSync(folder, { recursive: true });
    const env = {
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      HOME: folder,
      TMPDIR: folder,
      TS_SOCKET: join(folder, "socket"),
      TS_SLOTS: "2",
      TS_MAXFINISHED: "100000",
    };
    const version = /v([\d.]+)/.exec((await timed([tsp, "-V"], { env })).stdout)?.[1] ?? "";
    // Its server starts with the first job and leaves the terminal, so its pid is found by its socket's path.
    await timed([tsp, "true"], { env });
    const listed = (await timed(["ps", "-e", "-o", "pid=,comm="], {})).stdout;
    const servers = [...listed.matchAll(/^\s*(\d+) tsp$/gm)].map(([, pid]) => Number(pid));
    return {
      name: `task-spooler ${version}`,
      env,
      submit: (command) => [tsp, ...command],
      idIn: (stdout) => stdout.trim(),
      status: [tsp, "-l"],
      cancel: (id) => [tsp, "-k", id],
      // What still waits has no output that it would show.
      follow: (id) => [
        "sh",
        "-c",
        `while [ "$(${tsp} -s ${id})" = queued ]; do sleep 0.01; done; exec ${tsp} -c ${id}`,
      ],
      pids: servers.slice(-1),
      async close() {
        // Its server's end is not that of its jobs.
        const { stdout } = await timed([tsp, "-l"], { env });
        for (const [, id = ""] of stdout.matchAll(/^(\d+)\s+running/gm)) {
          await timed([tsp, "-k", id], { env }).catch(() => undefined);
        }
        await timed([tsp, "-K"], { env });
      },
    };
  },
};
