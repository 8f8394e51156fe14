// Tests of the shared connection of a command.
import { afterEach, expect, test } from "bun:test";
import { linkTo } from "./link.ts";
import { startScriptedServer } from "./scripted-server.fixture.ts";
import { until } from "./until.fixture.ts";

const open: Disposable[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one[Symbol.dispose]();
});

test("linkTo() opens nothing before it is asked, then one connection for all", async () => {
  const { server, link } = start();
  expect(server.requests).toHaveLength(0);
  const [one, two] = await Promise.all([link.client(), link.client()]);
  expect(one).toBe(two);
  expect(await link.client()).toBe(one);
  expect(server.requests).toHaveLength(1);
});

test("linkTo() opens another connection after a loss", async () => {
  const { server, link } = start();
  const first = await link.client();
  server.peers[0]?.cut();
  await first.closed;
  expect(await link.client()).not.toBe(first);
});

test("linkTo() tries again after a failure", async () => {
  let isDown = true;
  const server = startScriptedServer({
    before: () => (isDown ? new Response("", { status: 503 }) : undefined),
  });
  open.push(server);
  const link = linkTo(server.endpoint);
  expect(await link.client().catch((error: unknown) => error)).toMatchObject({
    code: "unreachable",
  });
  isDown = false;
  (await link.client()).close();
});

test("close() of a link closes its connection, and is safe twice", async () => {
  const { server, link } = start();
  const client = await link.client();
  link.close();
  link.close();
  expect(await client.closed).toBeNull();
  await until(() => server.peers.length === 0);
});

function start() {
  const server = startScriptedServer();
  const link = linkTo(server.endpoint);
  open.push(server, { [Symbol.dispose]: () => link.close() });
  return { server, link };
}
