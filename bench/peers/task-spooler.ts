// task-spooler: one user's queue in memory, in C.
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
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
    // Its server starts with the first job and leaves the terminal.
    await timed([tsp, "true"], { env });
    return {
      name: `task-spooler ${version}`,
      env,
      submit: (command) => [tsp, ...command],
      idIn: (stdout) => stdout.trim(),
      status: [tsp, "-l"],
      cancel: (id) => [tsp, "-k", id],
      // What waits, or has begun this moment, has no output that it would show.
      follow: (id) => ["sh", "-c", `until ${tsp} -c ${id}; do sleep 0.01; done`],
      pids: serversOf(env.TS_SOCKET),
      restart: "it keeps its queue in memory and loses it",
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

/** The server is the `tsp` that lives on with that socket in its environment. */
function serversOf(socket: string): readonly number[] {
  const found = readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const isTsp = readFileSync(`/proc/${pid}/comm`, "utf8") === "tsp\n";
      return isTsp && readFileSync(`/proc/${pid}/environ`, "latin1").includes(socket);
    } catch {
      return false;
    }
  });
  return found.map(Number);
}
