// A bench with a server beside it, both gone after each test.
import { afterEach, beforeEach } from "bun:test";
import { openBench, type Bench, type Finished, type RunOptions } from "./run-ml.fixture.ts";
import { startRpcServer, type RpcServer, type RpcServerOptions } from "./rpc-server.fixture.ts";

/** What a test works with. Only valid inside a test. */
export interface ServedBench {
  readonly bench: Bench;
  /** The server of this test, the last one. */
  readonly server: RpcServer;
  /** Starts the server of this test, or another in its place. */
  serve(options: RpcServerOptions | RpcServerOptions["answers"]): RpcServer;
  /** Runs `ml` against the server, words separated by spaces. */
  ml(line: string, options?: RunOptions): Promise<Finished>;
  /** The parameters of every call of a method, in order. */
  paramsOf(method: string): readonly unknown[];
}

/** Sets the two up around each test of a file. */
export function servedBench(): ServedBench {
  let bench: Bench | undefined;
  let server: RpcServer | undefined;
  const servers: RpcServer[] = [];
  beforeEach(() => {
    bench = openBench();
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((each) => each.close()));
    server = undefined;
    bench?.close();
  });
  return {
    get bench() {
      return present(bench);
    },
    get server() {
      return present(server);
    },
    serve(options) {
      server = startRpcServer("answers" in options ? options : { answers: options });
      servers.push(server);
      return server;
    },
    ml: (line, options) =>
      present(bench).ml(line.split(" "), {
        ...(server === undefined ? {} : { apiUrl: server.apiUrl }),
        ...options,
      }),
    paramsOf: (method) =>
      present(server)
        .calls.filter((call) => call.method === method)
        .map((call) => call.params),
  };
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("There is nothing of that kind in this test.");
  return value;
}
