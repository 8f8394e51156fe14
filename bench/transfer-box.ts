// A real box for measurements: the compiled server, and people who type `ml queue`.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { FETCHML, ML } from "./bench-box.ts";
import { portIn } from "./listening-port.ts";
import { timed } from "./timed.ts";

/** Someone with a key and a home of their own, who has sent nothing yet. */
export interface Sender {
  /** Queues a project without starting it; milliseconds of the whole process. */
  queue(project: string): Promise<number>;
  /** The same through a proxy; the bytes that `ml` sent. */
  countBytes(project: string): Promise<number>;
}

/** A running server. */
export interface TransferBox {
  addSender(): Promise<Sender>;
  /** Resolves when the server does nothing any more in the background. */
  rest(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a server with its data in a folder. */
export async function openTransferBox(folder: string): Promise<TransferBox> {
  const data = join(folder, "data");
  const config = join(folder, "config.toml");
  mkdirSync(folder, { recursive: true });
  writeFileSync(config, "");
  const common = ["--data-dir", data, "--config", config];
  const serve = ["serve", ...common, "--sandbox", "none", "--listen", "127.0.0.1:0"];
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: folder, TERM: "dumb" };
  const server = Bun.spawn([FETCHML, ...serve], { env, stdout: "pipe", stderr: "ignore" });
  const port = await portIn(server.stdout);
  let people = 0;
  return {
    async addSender() {
      const name = `sender-${(people += 1)}`;
      await timed([FETCHML, "user", "add", name, ...common], { env });
      const issued = await timed([FETCHML, "key", "issue", name, ...common], { env });
      const apiKey = issued.stdout.trim();
      const home = join(folder, name);
      mkdirSync(home);
      const run = async (project: string, toPort: number): Promise<number> => {
        const url = `ws://127.0.0.1:${toPort}/ws`;
        const { ms } = await timed([ML, "queue", "measured", "--hold", "--", "true"], {
          cwd: project,
          env: { ...env, HOME: home, ML_API_KEY: apiKey, ML_API_URL: url },
        });
        return ms;
      };
      return {
        queue: (project) => run(project, port),
        async countBytes(project) {
          const proxy = await startCountingProxy(port);
          await run(project, proxy.port);
          proxy.close();
          return proxy.bytes();
        },
      };
    },
    async rest() {
      const packs = join(data, "snapshots", "packs");
      while (readdirSync(packs).length > 0) await Bun.sleep(50);
    },
    async close() {
      server.kill("SIGTERM");
      await server.exited;
    },
  };
}

interface CountingProxy {
  readonly port: number;
  bytes(): number;
  close(): void;
}

async function startCountingProxy(port: number): Promise<CountingProxy> {
  let bytes = 0;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        near.destroy();
        far.destroy();
      });
    }
    near.on("data", (data) => {
      bytes += data.length;
    });
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    bytes: () => bytes,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
