// Tests of what `server.status` tells of the disk, over a real socket.
import { afterEach, beforeEach, expect, spyOn, test } from "bun:test";
import { ServerStatus } from "@fetchml/protocol/schemas";
import type { FilesView } from "../domain/disk-room.ts";
import { startRpc, type RpcFixture } from "./rpc.fixture.ts";

let rpc: RpcFixture;
beforeEach(async () => {
  rpc = await startRpc();
});
afterEach(() => rpc.close());

async function shownDisk(): Promise<object> {
  const { api_key: key } = await rpc.give("viewer", "viewer");
  const question = { jsonrpc: "2.0", id: 1, method: "server.status", params: {} };
  const { result } = (await (await rpc.post(question, { key })).json()) as { result: unknown };
  return ServerStatus.parse(result).box.disk;
}

test.each<[string, FilesView | null]>([
  ["that it takes few files more", { free: 12, reserve: 10_000 }],
  ["that it takes files as long as it has bytes", null],
])("server.status tells of the disk %s", async (_, files) => {
  const disk = { size_bytes: 1e12, free_bytes: 5e11, reserve_bytes: 2e9, files };
  using look = spyOn(rpc.ctx.queue.room, "look").mockReturnValue(disk);
  expect(await shownDisk()).toEqual(disk);
  expect(look).toHaveBeenCalled();
});
