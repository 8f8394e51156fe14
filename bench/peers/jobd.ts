// jobd: a broker with workers that ask it for jobs, in Python.
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { timed } from "../timed.ts";
import { endAll, freePort, programOf, untilWorks, type Peer } from "./peer.ts";

/** A broker and one worker with two slots, default settings but for folder, port and token. */
export const jobd: Peer = {
  name: "jobd",
  async open(folder) {
    const client = programOf("job");
    const [broker, worker] = [programOf("jobd"), programOf("jobd-worker")];
    for (const each of ["config", "logs", "bin"])
      mkdirSync(join(folder, each), { recursive: true });
    // Where it finds systemd-run it needs the session of a user, which a container has not: here it finds none.
    for (const each of ["sh", "bash", "true", "sleep", "hostname", "uname"]) {
      const path = Bun.which(each);
      if (path !== null) symlinkSync(path, join(folder, "bin", each));
    }
    const port = String(freePort());
    const env = {
      PATH: join(folder, "bin"),
      HOME: folder,
      JOBD_API_TOKEN: "bench",
      JOBD_CONFIG_DIR: join(folder, "config"),
      JOBD_LOGS_DIR: join(folder, "logs"),
      JOBD_DB_URL: `sqlite:///${folder}/jobd.db`,
      JOBD_PORT: port,
      JOBD_URL: `http://127.0.0.1:${port}`,
      JOBD_WORKER_MAX_CONCURRENT_JOBS: "2",
    };
    const options = { env, cwd: folder, stdout: "ignore", stderr: "ignore" } as const;
    const processes = [Bun.spawn([broker], options)];
    try {
      await untilWorks([client, "list"], env);
      processes.unshift(Bun.spawn([worker], options));
      const { stdout } = await timed([client, "--version"], { env });
      return {
        name: `jobd ${/[\d.]+/.exec(stdout)?.[0] ?? ""}`,
        env,
        submit: (command) => [client, "submit", "-p", "bench", "--", ...command],
        idIn: (text) => /"id": (\d+)/.exec(text)?.[1] ?? "",
        status: [client, "list"],
        cancel: (id) => [client, "cancel", id],
        follow: (id) => [client, "wait", id],
        pids: processes.map(({ pid }) => pid),
        close: () => endAll(processes),
      };
    } catch (error) {
      await endAll(processes);
      throw error;
    }
  },
};
