// pueue: one user's queue with a daemon, in Rust; the closest peer.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { timed } from "../timed.ts";
import { endAll, programOf, startedUntil, untilWorks, type Peer } from "./peer.ts";

/** `pueued` with its default settings but for its folder. It writes its whole state as JSON at each change. */
export const pueue: Peer = {
  name: "pueue",
  async open(folder) {
    const client = programOf("pueue");
    const daemon = programOf("pueued");
    mkdirSync(folder, { recursive: true });
    const config = join(folder, "pueue.yml");
    writeFileSync(
      config,
      `shared:\n  pueue_directory: ${folder}/state\n  runtime_directory: ${folder}\n`,
    );
    const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: folder };
    const start = () =>
      Bun.spawn([daemon, "-c", config], { env, stdout: "ignore", stderr: "ignore" });
    let running: Bun.Subprocess = start();
    const pueueWords = [client, "-c", config];
    await untilWorks([...pueueWords, "status"], env);
    await timed([...pueueWords, "parallel", "2"], { env });
    const { stdout } = await timed([client, "--version"]);
    return {
      name: stdout.trim(),
      env,
      submit: (command) => [...pueueWords, "add", "--print-task-id", "--escape", "--", ...command],
      idIn: (text) => text.trim(),
      status: [...pueueWords, "status"],
      cancel: (id) => [...pueueWords, "kill", id],
      follow: (id) => [...pueueWords, "follow", id],
      pids: [running.pid],
      async restart() {
        await endAll([running]);
        const { server, ms } = await startedUntil(start, [...pueueWords, "status", "--json"], env);
        running = server;
        return ms;
      },
      async close() {
        await timed([...pueueWords, "kill", "--all"], { env }).catch(() => undefined);
        await endAll([running]);
      },
    };
  },
};
