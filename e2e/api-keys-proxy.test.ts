// The nginx of docs/api-keys.md: its headers are let in by a server with the settings that stand beside it, and not without them.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { openBox, until, type Box, type Person } from "./box.ts";

const page = readFileSync(join(import.meta.dir, "../docs/api-keys.md"), "utf8");
const client = "203.0.113.7";

/** The one block of a language that the page has below "On the way". */
function blockOf(language: string, containing: string): string {
  const blocks = [...page.matchAll(new RegExp(`^ *\`\`\`${language}\\n([^]*?)\`\`\``, "gm"))];
  return blocks.map(([, text = ""]) => text).find((text) => text.includes(containing)) ?? "";
}

const nginx = blockOf("nginx", "proxy_pass");
const settings = blockOf("toml", "allowed_hosts");
const serverName = /server_name ([^;]+);/.exec(nginx)?.[1] ?? "";

/** The header lines that nginx sends on, with its variables as they are for this client. */
function headersOf(wanted: string): readonly string[] {
  const values: Readonly<Record<string, string>> = {
    $http_upgrade: wanted,
    $host: serverName,
    $proxy_add_x_forwarded_for: client,
  };
  return [...nginx.matchAll(/proxy_set_header (\S+) "?([^";]*)"?;/g)].flatMap(
    ([, name = "", value = ""]) => {
      const text = value.startsWith("$") ? (values[value] ?? "unknown variable") : value;
      // An empty header is not sent on.
      return text === "" ? [] : [`${name}: ${text}`];
    },
  );
}

/** Sends a request as nginx would, and answers what came back until this text was in it. */
async function ask(box: Box, request: readonly string[], awaited: string): Promise<string> {
  const socket = connect({ port: Number(new URL(box.httpUrl).port), host: "127.0.0.1" });
  let answer = "";
  socket.on("data", (bytes) => (answer += bytes.toString("latin1")));
  socket.write(request.join("\r\n"));
  try {
    await until(() => answer.includes(awaited), `no ${awaited} in the answer`);
    return answer;
  } catch {
    return answer;
  } finally {
    socket.destroy();
  }
}

function upgrade(key: string): readonly string[] {
  return [
    "GET /ws HTTP/1.1",
    ...headersOf("websocket"),
    `Authorization: Bearer ${key}`,
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "",
    "",
  ];
}

function call(key: string): readonly string[] {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "user.whoami" });
  return [
    "POST /rpc HTTP/1.1",
    ...headersOf(""),
    `Authorization: Bearer ${key}`,
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
    "",
    body,
  ];
}

describe("a server behind the nginx of docs/api-keys.md", () => {
  let box: Box;
  let alice: Person;
  beforeAll(async () => {
    box = await openBox({ config: settings });
    alice = await box.addPerson("alice");
  });
  afterAll(() => box.close());

  test("takes the WebSocket and the calls that it passes on", async () => {
    expect(await ask(box, upgrade(alice.apiKey), "hello")).toMatch(/^HTTP\/1\.1 101 [^]*hello/);
    const answer = await ask(box, call(alice.apiKey), '"user":"alice"');
    expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*"user":"alice"/);
  });

  test("knows its clients by their own addresses", async () => {
    await ask(box, call(alice.apiKey.replace(/.$/, (last) => (last === "x" ? "y" : "x"))), "401");
    await until(() => box.log.includes(`"address":"${client}"`), "the log lacks the address");
  });

  test("still takes who comes through a tunnel", async () => {
    expect((await alice.ml(["whoami"])).stdout).toContain("alice");
  });
});

test("a server without the settings of docs/api-keys.md refuses what that nginx passes on, and says why", async () => {
  const box = await openBox();
  try {
    const alice = await box.addPerson("alice");
    const answer = await ask(box, call(alice.apiKey), "allowed_hosts");
    expect(answer).toMatch(/^HTTP\/1\.1 403 [^]*box\.example\.org[^]*allowed_hosts/);
  } finally {
    await box.close();
  }
});
