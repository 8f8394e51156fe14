// Kills the server at a given moment of a call: when it is asked, or when it has done what it was asked and nobody knows yet.
import { renameSync, rmSync } from "node:fs";
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Box } from "./box.ts";

/**
 * `asked`: the request has left the caller and does not reach the server. `done`: the answer has left the server, after the
 * commit as all answers do, and does not reach the caller.
 */
export type Moment = "asked" | "done";

/** Takes the place of the box's own socket, and kills the server at that moment of the next call to it. */
export async function dieOnTheSocket(box: Box, moment: Moment): Promise<void> {
  const path = join(box.dataDir, "fetchml.sock");
  const real = `${path}.real`;
  renameSync(path, real);
  const server = standBetween(box, moment, { path: real });
  server.on("close", () => rmSync(real, { force: true }));
  await new Promise<void>((resolve) => server.listen(path, resolve));
}

/** The address of a way to the server's port on which the next call kills it at that moment: `http://127.0.0.1:PORT`. */
export async function dieOnTheNetwork(box: Box, moment: Moment): Promise<string> {
  const port = Number(new URL(box.httpUrl).port);
  const server = standBetween(box, moment, { host: "127.0.0.1", port });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}`;
}

function standBetween(box: Box, moment: Moment, to: NetConnectOpts): Server {
  const die = async (caller: Socket) => {
    await box.stop("SIGKILL");
    server.close();
    caller.destroy();
  };
  const server = createServer((caller) => {
    caller.on("error", () => undefined);
    if (moment === "asked") {
      caller.once("data", () => void die(caller));
      return;
    }
    const real = connect(to);
    real.on("error", () => undefined);
    caller.pipe(real, { end: false });
    real.once("data", () => void die(caller));
  });
  return server;
}
