// Downloads of outputs that do not go to their end: revoked keys, deaf receivers, a stopping server, files that shrink.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { truncateSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { revokeKeys } from "../auth/keys.ts";
import { openBelow } from "../outputs/outputs.fixture.ts";
import { startJobOutputs, type JobOutputs } from "./job-outputs.fixture.ts";
import { until } from "./rpc.fixture.ts";

const SIZE = 64 * 1_048_576;

let here: JobOutputs;
let jobId: number;

beforeEach(async () => {
  here = await startJobOutputs();
  jobId = await here.begin();
});
afterEach(() => here.jobs.rpc.close());

const openFiles = () => openBelow(`${here.jobs.rpc.ctx.dataDir}/attempts`);

const revoke = () =>
  revokeKeys(here.jobs.rpc.ctx.auth, { actor: "root", address: null }, { id: here.key.id });

/** Asks and takes nothing of the answer but its beginning. */
async function askDeaf(path: string): Promise<Socket> {
  const head = `GET /jobs/${jobId}/outputs${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${here.key.api_key}\r\n\r\n`;
  const socket = connect(here.jobs.rpc.server.port, "127.0.0.1", () => socket.write(head));
  socket.on("error", () => undefined);
  await new Promise<void>((resolve) => {
    socket.once("data", () => {
      socket.pause();
      resolve();
    });
  });
  return socket;
}

describe("a download of an output", () => {
  test("is cut when its key is revoked, whether its receiver takes it or not", async () => {
    const file = here.write(jobId, "big", "");
    truncateSync(file, SIZE);
    const deaf = await askDeaf("/big");
    const heard = await here.ask(`${jobId}/outputs/big`);
    const { closed_connections } = await revoke();
    expect(closed_connections).toBe(2);
    expect(await heard.arrayBuffer().catch((error: unknown) => error)).toBeInstanceOf(Error);
    await until("the files are closed", () => openFiles() === 0);
    deaf.destroy();
  });

  test("that its receiver gives up leaves nothing open", async () => {
    truncateSync(here.write(jobId, "big", ""), SIZE);
    const deaf = await askDeaf("/big");
    expect(openFiles()).toBe(1);
    deaf.destroy();
    await until("the file is closed", () => openFiles() === 0);
    await until("it is forgotten", () => here.jobs.rpc.ctx.auth.connections.size === 1);
  });

  test("breaks off when the file becomes shorter, and never fills up what is missing", async () => {
    const file = here.write(jobId, "big", "");
    truncateSync(file, SIZE);
    const response = await here.ask(`${jobId}/outputs/big`);
    truncateSync(file, 1000);
    expect(await response.arrayBuffer().catch((error: unknown) => error)).toBeInstanceOf(Error);
    await until("the file is closed", () => openFiles() === 0);
  });

  test("does not keep the server from stopping", async () => {
    truncateSync(here.write(jobId, "big", ""), SIZE);
    const deaf = await askDeaf("/big");
    const before = Date.now();
    await here.jobs.rpc.server.stop();
    expect(Date.now() - before).toBeLessThan(20_000);
    await until("the file is closed", () => openFiles() === 0);
    deaf.destroy();
  }, 30_000);
});

describe("a list of outputs", () => {
  test("is cut when its key is revoked, and leaves no folder open", async () => {
    for (let i = 0; i < 20_000; i++)
      here.write(jobId, `some-folder/with-a-long-name-to-fill-the-buffers-${i}`, "");
    const deaf = await askDeaf("");
    await revoke();
    await until("the folder is closed", () => openFiles() === 0);
    deaf.destroy();
  }, 60_000);
});
