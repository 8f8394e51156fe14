// Lists of files made by hand to do harm, sent by hand: each is refused, and nothing of it is kept.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { IssuedKey } from "@fetchml/protocol";
import { exchangeRaw } from "./raw-http.fixture.ts";
import { startRpc, type RpcFixture } from "./rpc.fixture.ts";
import { sha256 } from "./sent-project.fixture.ts";

let rpc: RpcFixture;
let mallory: IssuedKey;
beforeAll(async () => {
  rpc = await startRpc();
  mallory = await rpc.give("mallory");
});
afterAll(() => rpc.close());

const EMPTY = sha256("");

/** The text of an entry for a file, whose path is already written as JSON. */
const file = (path: string, size: number | string = 0, hash = EMPTY) =>
  `{"kind":"file","path":"${path}","size_bytes":${size},"hash":"${hash}","executable":false}`;
const link = (path: string, target: string) =>
  `{"kind":"symlink","path":"${path}","target":"${target}"}`;
const list = (...entries: readonly string[]) => `{"version":1,"entries":[${entries.join(",")}]}`;

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

async function send(body: string | Uint8Array): Promise<Answer> {
  const bytes = Buffer.from(body);
  const head = [
    "POST /snapshots HTTP/1.1",
    "host: localhost",
    `authorization: Bearer ${mallory.api_key}`,
    `content-length: ${bytes.length}`,
    "connection: close",
    "",
    "",
  ].join("\r\n");
  const answer = await exchangeRaw(rpc.server.port, Buffer.concat([Buffer.from(head), bytes]));
  const text = Buffer.from(answer, "latin1").toString();
  const { error } = JSON.parse(text.slice(text.indexOf("\r\n\r\n"))) as {
    error?: { message: string; data: { code: string } };
  };
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
  return { status, code: error?.data.code ?? "none", message: error?.message ?? "" };
}

function stored(): readonly string[] {
  const folder = join(rpc.ctx.dataDir, "snapshots");
  return ["manifests", "blobs", "tmp"].flatMap((name) => readdirSync(join(folder, name)));
}

const LONG_NAME = "x".repeat(256);
const LONG_PATH = `${"x/".repeat(2048)}x`;

const HOSTILE: Readonly<Record<string, string | Uint8Array>> = {
  "the folder above": list(file("../x")),
  "a folder above, later": list(file("a/../../x")),
  "the folder itself": list(file("./x")),
  "nothing but the folder above": list(file("..")),
  "an absolute path": list(file("/etc/cron.d/x")),
  "an absolute path with two slashes": list(file("//etc/passwd")),
  "an empty path": list(file("")),
  "an empty part": list(file("a//b")),
  "a slash at the end": list(file("a/")),
  "a NUL": list(file("a\\u0000b")),
  "a bare NUL": list(file("a\0b")),
  "a line break": list(file("a\\nb")),
  "an escape sequence": list(file("\\u001b[2J")),
  "a backslash": list(file("..\\\\..\\\\x")),
  "a drive": list(file("C:\\\\x")),
  "a name too long": list(file(LONG_NAME)),
  "a name too long in bytes": list(file("ä".repeat(128))),
  "a path too long": list(file(LONG_PATH)),
  "a path of ten megabytes": list(file("x".repeat(10_000_000))),
  "half a character": list(file("a\\ud800")),
  "bytes that are no text": Buffer.concat([Buffer.from(list(file("a"))), Buffer.from([0xff])]),
  "a character spelt too long": Buffer.from(list(file("a@b"))).map((byte) =>
    byte === 0x40 ? 0xc0 : byte,
  ),
  "names that fold together by case": list(file("A"), file("a")),
  "folders that fold together by case": list(file("A/x"), file("a/y")),
  "names that fold together by accent": list(file("e\u0301"), file("\u00e9")),
  "a name twice": list(file("a"), file("a")),
  "a file and a link of one name": list(file("a"), link("a", "b")),
  "an order of its own": list(file("b"), file("a")),
  "a path below a link": list(link("a", "b"), file("a/x")),
  "a path deep below a link": list(link("a", "b"), file("a-b"), file("a/x/y")),
  "a path below a file": list(file("a"), file("a/b")),
  "a link that is absolute": list(link("a", "/etc/passwd")),
  "a link to the folder above": list(link("a", "..")),
  "a link that leads out": list(link("a/b", "../../x")),
  "a link that leads out by another": list(link("r/a", "b/../x"), link("r/b", "..")),
  "a link with a NUL": list(link("a", "b\\u0000")),
  "a link to nothing": list(link("a", "")),
  "a hash that is a path": list(file("a", 0, `../${"a".repeat(61)}`)),
  "a hash of another length": list(file("a", 0, EMPTY.slice(1))),
  "a hash of two sizes": list(file("a", 1), file("b", 2)),
  "a negative size": list(file("a", -1)),
  "a size beyond all bounds": list(file("a", "9007199254740993")),
  "a fraction of a size": list(file("a", 1.5)),
  "a kind of its own": list(file("a").replace("file", "device")),
  "a mode": list(file("a").replace("}", ',"mode":2541}')),
  "a prototype": list(file("a").replace('{"kind"', '{"__proto__":{},"kind"')),
  "a key twice": list(file("a").replace('{"kind"', '{"path":"b","kind"')),
  "white space": list(file("a"), ` ${file("b")}`),
  "something behind the end": `${list(file("a"))} `,
  "no end": list(file("a")).slice(0, -1),
  "a byte order mark": `\ufeff${list(file("a"))}`,
  "depth without end": "[".repeat(1_000_000),
  "nothing at all": "",
};

describe("POST /snapshots refuses", () => {
  test.each(Object.keys(HOSTILE))("%s", async (name) => {
    const { status, code, message } = await send(HOSTILE[name] ?? "");
    expect([status, code]).toEqual([422, "bad-content"]);
    expect(message.split("\n").length).toBeLessThanOrEqual(3);
    expect(message.length).toBeLessThan(10_000);
    expect(message.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    expect(stored()).toEqual([]);
  });

  test("more than the limits, in words", async () => {
    const many = Array.from({ length: 50_001 }, (_, index) => file(`${1_000_000 + index}`));
    expect(await send(list(...many))).toMatchObject({ status: 413, code: "too-large" });
    expect(await send(list(file("a", 51 * 1024 ** 2)))).toMatchObject({ code: "too-large" });
    const large = Array.from({ length: 5 }, (_, index) => file(`${index}`, 45_000_000));
    expect(await send(list(...large))).toMatchObject({ status: 413, code: "too-large" });
  });

  test("a key in a name, and does not show it", async () => {
    const answer = await send(list(file(`notes-${mallory.api_key}`)));
    expect([answer.status, answer.code]).toEqual([422, "bad-content"]);
    expect(answer.message).not.toContain(mallory.api_key);
  });

  test("links made to be slow, while others are answered", async () => {
    const parts = Array.from({ length: 40 }, (_, index) => `l${100 + index}`);
    const targets = parts.map((_, index) => `${"x/../".repeat(700)}${parts[index + 1] ?? "end"}`);
    const many = Array.from({ length: 3000 }, (_, index) => link(`a${10_000 + index}`, "l100"));
    const links = parts.map((path, index) => link(path, targets[index] ?? ""));
    const slow = send(list(...many, ...links));
    const others = Array.from({ length: 5 }, () => fetch(`${rpc.url}/healthz`));
    for (const answer of others) expect((await answer).status).toBe(200);
    expect((await slow).status).toBe(422);
  });
});
