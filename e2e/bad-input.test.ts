// Each kind of bad input gets one clear error of at most three lines, with the right exit code, and loses nothing.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import {
  openBox,
  personAt,
  writeConfig,
  writeProject,
  type Box,
  type Ended,
  type Person,
} from "./box.ts";

let box: Box;
let alice: Person;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
});

afterAll(() => box.close());

/** Checks what every error must be: its code, few lines, the words that help, no stack. */
function expectError(ended: Ended, code: number, ...words: readonly string[]): void {
  expect(ended.code, ended.stderr).toBe(code);
  expect(ended.stdout).toBe("");
  const lines = ended.stderr.trimEnd().split("\n");
  expect(lines.length, ended.stderr).toBeLessThanOrEqual(3);
  expect(ended.stderr).not.toMatch(/\n\s+at |node:internal|\$bunfs/);
  for (const word of words) expect(ended.stderr).toContain(word);
}

test("wrong TOML in ml.toml names file and line", async () => {
  const cwd = writeProject(join(alice.home, "toml"), {
    "ml.toml": '[jobs.a]\ncommand = "true"\ngpus = = 1\n',
  });
  expectError(await alice.ml(["queue", "a"], { cwd }), 2, "ml.toml", "line 3");
});

test("a wrong value in ml.toml names file, line and key", async () => {
  const cwd = writeProject(join(alice.home, "value"), {
    "ml.toml": '[jobs.a]\ncommand = "true"\ntimeout = "soon"\n',
  });
  expectError(await alice.ml(["queue", "a"], { cwd }), 2, "ml.toml", "line 3", "timeout");
});

test("wrong TOML in the config never shows the key", async () => {
  const person = personAt(join(box.folder, "broken"), { name: "x", apiKey: alice.apiKey });
  writeProject(person.home, { ".ml/config.toml": `api_key = "${alice.apiKey}\nworker_port = 1\n` });
  const ended = await person.ml(["status"]);
  expectError(ended, 2, "config.toml");
  expect(ended.stderr).not.toContain(alice.apiKey);
});

test("an unknown job exits 6", async () => {
  for (const verb of ["show", "logs", "cancel", "why", "wait", "hold", "release"]) {
    expectError(await alice.ml([verb, "no-such-job"]), 6, "no-such-job");
    expectError(await alice.ml([verb, "999"]), 6, "999");
  }
});

test("a job that could never run is refused when it is submitted, exit 5", async () => {
  expectError(await alice.ml(["queue", "big", "--cpus", "5000", "--", "true"]), 5, "5000");
  expectError(await alice.ml(["queue", "big", "--mem", "900T", "--", "true"]), 5, "memory");
  expect((await alice.ml(["list", "--all", "--json"])).stdout.trim()).toBe("[]");
});

test("a command or option that does not exist exits 2 and suggests a near one", async () => {
  expectError(await alice.ml(["stauts"]), 2, "status");
  expectError(await alice.ml(["list", "--evreyone"]), 2, "--everyone");
});

test("names with spaces, slashes, digits alone or reserved words are refused, exit 2", async () => {
  for (const name of ["my job", "../x", "12", "list", "status", "-x", "a".repeat(64)]) {
    const ended = await alice.ml(["submit", name, "--", "true"]);
    expect(ended.code, `${name}: ${ended.stderr}`).toBe(2);
    expect(ended.stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(3);
  }
});

test("ml queue without a command exits 2 and shows an ml.toml to paste", async () => {
  const cwd = writeProject(join(alice.home, "near"), {
    "ml.toml": '[jobs.training]\ncommand = "true"\n',
  });
  const ended = await alice.ml(["queue", "trainig"], { cwd });
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain("training");
  expect(ended.stderr).toContain("[jobs.trainig]");
});

test("no server there exits 4 and names the tunnel", async () => {
  const person = personAt(join(box.folder, "alone"), { name: "x", apiKey: alice.apiKey });
  writeConfig(person.home, { apiKey: alice.apiKey, port: await freePort() });
  expectError(await person.ml(["status"]), 4, "connection refused", "ml tunnel");
});

test("something else on the port exits 4 and says so", async () => {
  const server = await listen((socket) =>
    socket.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
  );
  const person = personAt(join(box.folder, "other"), { name: "x", apiKey: alice.apiKey });
  writeConfig(person.home, { apiKey: alice.apiKey, port: portOf(server) });
  try {
    expectError(await person.ml(["status"]), 4, "not");
  } finally {
    server.close();
  }
});

test("an old protocol version is told which side to upgrade", async () => {
  const response = await fetch(`${box.httpUrl}/rpc`, {
    method: "POST",
    headers: { authorization: `Bearer ${alice.apiKey}`, "fetchml-protocol": "0" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "user.whoami", params: {} }),
  });
  expect(response.status).toBe(426);
  expect(await response.text()).toMatch(/upgrade/i);
});

test("Ctrl-C leaves the job alone: exit 130, and the lines to follow or cancel it", async () => {
  const child = alice.start(["run", "long", "--", "sh", "-c", "echo begun; exec sleep 600"]);
  const reader = child.stdout.getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toContain("begun");
  child.kill("SIGINT");
  expect(await child.exited).toBe(130);
  expect(await new Response(child.stderr).text()).toMatch(/ml cancel \d+/);
  const shown = JSON.parse((await alice.ml(["show", "long", "--json"])).stdout) as {
    state: string;
  };
  expect(shown.state).toBe("running");
});

function listen(onConnection: Parameters<typeof createServer>[1]): Promise<Server> {
  const server = createServer({}, onConnection);
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function freePort(): Promise<number> {
  const server = await listen((socket) => socket.destroy());
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
