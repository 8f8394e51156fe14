// Tests of `server.limits` over a real socket.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { startRpc, type RpcFixture } from "./rpc.fixture.ts";

let rpc: RpcFixture;
beforeEach(async () => {
  rpc = await startRpc();
});
afterEach(() => rpc.close());

test("server.limits tells every role what a snapshot may have, as the snapshots have it", async () => {
  const { limits } = rpc.ctx.snapshots;
  for (const role of ["viewer", "member", "admin"] as const) {
    const { api_key: key } = await rpc.give(role, role);
    const response = await rpc.post(
      { jsonrpc: "2.0", id: 1, method: "server.limits", params: {} },
      { key },
    );
    expect(await response.json()).toMatchObject({
      result: {
        snapshot: {
          max_size_bytes: limits.totalBytes,
          max_file_size_bytes: limits.blobBytes,
          max_files: limits.entries,
        },
      },
    });
  }
});
