// Tests of telling what listens at an address.
import { afterEach, expect, test } from "bun:test";
import { createServer, type Socket } from "node:net";
import { SERVER_HEADER } from "@fetchml/protocol";
import { whoAnswers } from "./who-answers.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** The address of a server that does so with each connection. */
async function listening(onConnection: (socket: Socket) => void): Promise<{ apiUrl: string }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { apiUrl: `ws://127.0.0.1:${port}/ws` };
}

const answer = (headers: string) => (socket: Socket) => {
  socket.once("data", () => socket.end(`HTTP/1.1 200 OK\r\n${headers}Content-Length: 2\r\n\r\nok`));
};

test("whoAnswers() knows FetchML by its header, and asks without a key", async () => {
  let asked = "";
  const place = await listening((socket) => {
    socket.once("data", (bytes) => {
      asked = String(bytes);
    });
    answer(`${SERVER_HEADER}: 0.1.0\r\n`)(socket);
  });
  expect(await whoAnswers(place, 5000)).toEqual({ kind: "fetchml", sign: "HTTP status 200" });
  expect(asked).toStartWith("GET /healthz HTTP/1.1\r\n");
  expect(asked.toLowerCase()).not.toContain("authorization");
});

test("whoAnswers() tells other programs, closed connections, silence and nobody apart", async () => {
  const kindAt = async (onConnection: (socket: Socket) => void) =>
    (await whoAnswers(await listening(onConnection), 300)).kind;
  expect(await kindAt(answer(""))).toBe("stranger");
  expect(await kindAt((socket) => socket.destroy())).toBe("closed");
  expect(await kindAt((socket) => socket.once("data", () => socket.end()))).toBe("closed");
  const silent = await listening(() => undefined);
  expect(await whoAnswers(silent, 200)).toEqual({ kind: "nobody", sign: "ETIMEDOUT" });
  const gone = await listening(() => undefined);
  for (const close of closing.splice(0)) close();
  expect(await whoAnswers(gone, 5000)).toEqual({ kind: "nobody", sign: "ECONNREFUSED" });
});
