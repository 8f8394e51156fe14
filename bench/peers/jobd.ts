// jobd: a broker with workers that ask it for jobs, in Python.
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { timed } from "../timed.ts";
import { endProcessesOf } from "../leftovers.ts";
import { endAll, freePort, programOf, startedUntil, untilAnswers, type Peer } from "./peer.ts";

/** Asked once: that takes half a second too. */
let version = "";

/** A broker and one worker with two slots, default settings but for folder, port and token. */
export const jobd: Peer = {
  name: "jobd",
  async open(folder) {
    const client = programOf("job");
    const [broker, worker] = [programOf("jobd"), programOf("jobd-worker")];
    for (const each of ["config", "logs", "bin"])
      mkdirSync(join(folder, each), { recursive: true });
    // Where it finds systemd-run it needs the session of a user, which a container has not: here it finds none.
    for (const each of ["sh", "bash", "true", "sleep", "yes", "head", "hostname", "uname"]) {
      const path = Bun.which(each);
      if (path !== null) symlinkSync(path, join(folder, "bin", each));
    }
    const port = String(freePort());
    const env = {
      PATH: join(folder, "bin"),
      HOME: folder,
      JOBD_API_TOKEN: "bench",
      // Its commands print line by line, as on a terminal.
      PYTHONUNBUFFERED: "1",
      JOBD_CONFIG_DIR: join(folder, "config"),
      JOBD_LOGS_DIR: join(folder, "logs"),
      JOBD_DB_URL: `sqlite:///${folder}/jobd.db`,
      JOBD_PORT: port,
      JOBD_URL: `http://127.0.0.1:${port}`,
      JOBD_WORKER_MAX_CONCURRENT_JOBS: "2",
    };
    const options = { env, cwd: folder, stdout: "ignore", stderr: "ignore" } as const;
    const start = () => Bun.spawn([broker], options);
    let running = start();
    const workers: Bun.Subprocess[] = [];
    // Neither ends before it has asked the other again for a while, so none is waited for long.
    const end = async (): Promise<void> => {
      await endAll([...workers, running], 500);
      endProcessesOf(folder);
    };
    try {
      // Its own client takes half a second to ask.
      await untilAnswers(Number(port));
      workers.push(Bun.spawn([worker], options));
      version ||= /[\d.]+/.exec((await timed([client, "--version"], { env })).stdout)?.[0] ?? "";
      return {
        name: `jobd ${version}`,
        env,
        submit: (command) => [client, "submit", "-p", "bench", "--", ...command],
        idIn: (text) => /"id": (\d+)/.exec(text)?.[1] ?? "",
        status: [client, "list"],
        cancel: (id) => [client, "cancel", id],
        follow: (id) => [client, "logs", "--follow", id],
        followerTakesS: 2,
        pids: [running, ...workers].map(({ pid }) => pid),
        async restart() {
          await endAll([running], 500);
          const { server, ms } = await startedUntil(start, [client, "list"], env);
          running = server;
          return ms;
        },
        close: end,
      };
    } catch (error) {
      await end();
      throw error;
    }
  },
};
