// Tests of plain HTTP requests to a server.
import { afterEach, describe, expect, test } from "bun:test";
import { FetchmlError } from "@fetchml/protocol";
import { requestHttp } from "./http-request.ts";
import { errorResponse, RIGHT_KEY, startScriptedServer } from "./scripted-server.fixture.ts";

const open: Disposable[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one[Symbol.dispose]();
});

describe("requestHttp()", () => {
  test("sends the key and gives the answer", async () => {
    const server = start();
    const response = await requestHttp(server.endpoint, {
      method: "POST",
      path: "/rpc",
      body: "{}",
    });
    expect(await response.json()).toEqual({ jsonrpc: "2.0", id: 1, result: {} });
    expect(server.requests[0]?.headers.get("authorization")).toBe(`Bearer ${RIGHT_KEY}`);
  });

  test("throws the server's own error", async () => {
    const server = start(() => errorResponse("disk-full", "The box is full."));
    expect(await failureOf(server)).toMatchObject({
      code: "disk-full",
      message: "The box is full.",
    });
  });

  test("throws not-fetchml for another program, even one that says 200", async () => {
    expect((await failureOf(start(() => new Response("hello")))).code).toBe("not-fetchml");
  });

  test.each([
    [408, "too slowly"],
    [429, "wait a minute"],
    [502, "Does the server behind it run?"],
    [503, "Does the server behind it run?"],
    [504, "Does the server behind it run?"],
  ])(
    "throws unreachable for a proxy's page of status %d, with what to do",
    async (status, advice) => {
      const { code, message } = await failureOf(start(() => proxyPage(status)));
      expect(code).toBe("unreachable");
      expect(message).toContain(`the proxy in front of it answers with HTTP status ${status}. `);
      expect(message).toContain(advice);
    },
  );

  test("throws too-large for a proxy that takes no such body, and names the line for nginx", async () => {
    const { code, message } = await failureOf(start(() => proxyPage(413)));
    expect(code).toBe("too-large");
    expect(message).toContain("client_max_body_size 0;");
    expect(message).not.toContain("node_exporter");
  });

  test("throws unreachable when nothing listens", async () => {
    const server = start();
    server[Symbol.dispose]();
    expect((await failureOf(server)).code).toBe("unreachable");
  });

  test("goes past HTTP_PROXY, which could read the key", async () => {
    const server = start();
    const proxy = start();
    const source = `
      import { requestHttp } from ${JSON.stringify(`${import.meta.dir}/http-request.ts`)};
      const endpoint = ${JSON.stringify(server.endpoint)};
      console.log((await requestHttp(endpoint, { method: "POST", path: "/rpc" })).status);`;
    const proxyUrl = `http://localhost:${proxy.port}`;
    const child = Bun.spawn([process.execPath, "-e", source], {
      env: { HTTP_PROXY: proxyUrl, http_proxy: proxyUrl, ALL_PROXY: proxyUrl },
      cwd: import.meta.dir,
    });
    expect(await new Response(child.stdout).text()).toBe("200\n");
    expect(proxy.requests).toHaveLength(0);
    expect(server.requests).toHaveLength(1);
  });
});

/** As nginx writes them. */
function proxyPage(status: number): Response {
  const page = `<html><head><title>${status}</title></head><body><hr><center>nginx</center></body></html>`;
  return new Response(page, { status, headers: { "content-type": "text/html" } });
}

function start(before?: () => Response) {
  const server = startScriptedServer(before === undefined ? {} : { before });
  open.push(server);
  return server;
}

async function failureOf({ endpoint }: ReturnType<typeof start>): Promise<FetchmlError> {
  const work = requestHttp(endpoint, { method: "GET", path: "/rpc" });
  const error: unknown = await work.catch((cause: unknown) => cause);
  if (error instanceof FetchmlError) return error;
  throw new Error(`not a FetchmlError: ${String(error)}`);
}
