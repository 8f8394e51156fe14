// A search, byte by byte, after keys were used in every way: a key is in its user's own config alone, a hash in the database alone.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateApiKey } from "@fetchml/protocol";
import {
  openBox,
  personAt,
  until,
  writeProject,
  type Box,
  type Ended,
  type Person,
} from "./box.ts";
import { filesChangedSince, filesUnder, needlesOf, tracesIn, type Secret } from "./key-search.ts";

/** The key that the test itself types where none belongs. */
const TYPED = "a key that nobody has";

const startedAt = Date.now();

let box: Box;
let alice: Person;
let bob: Person;
/** What every command but those that show a key has printed. */
let printed = "";
/** Every command line that any process of the machine has shown meanwhile, as `ps` would show them to anybody. */
const commandLines = new Set<string>();
const secrets: Secret[] = [];

beforeAll(async () => {
  const sampler = setInterval(sampleCommandLines, 1);
  try {
    await useKeysInEveryWay();
  } finally {
    clearInterval(sampler);
  }
});

function sampleCommandLines(): void {
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      commandLines.add(readFileSync(`/proc/${name}/cmdline`, "utf8"));
    } catch {
      // It has ended.
    }
  }
}

async function useKeysInEveryWay(): Promise<void> {
  box = await openBox();
  alice = await login("alice");
  bob = await login("bob");
  await use(alice);
  await use(bob);
  await misuse();
  await box.stop("SIGKILL");
  await box.start();
  await rotateByUser(alice);
  await rotateByAdmin(bob);
  await use(alice);
  await endKeys();
}

afterAll(() => box.close());

/** Notes a key; `file` is the one place where it may be. */
function note(name: string, key: string, file?: string): string {
  secrets.push({ name, key: key.trim(), ...(file !== undefined && { file }) });
  return key.trim();
}

function heard({ code, stdout, stderr }: Ended): Ended {
  printed += `${stdout}\n${stderr}\n`;
  return { code, stdout, stderr };
}

async function ml(person: Person, line: string, input = ""): Promise<Ended> {
  return heard(await person.ml(line.split(" "), { input, cwd: join(person.home, "work") }));
}

async function admin(line: string): Promise<Ended> {
  return heard(await box.admin(line.split(" ")));
}

/** Issues a key; the answer is the one that may show it. */
async function issue(name: string, user: string): Promise<string> {
  const { code, stdout, stderr } = await box.admin(["key", "issue", user]);
  expect(code, stderr).toBe(0);
  printed += stderr;
  return note(name, stdout);
}

function configOf(person: Pick<Person, "home">): string {
  return join(person.home, ".ml/config.toml");
}

function heldKey(person: Person): string {
  return /^api_key = "(\w+)"$/m.exec(readFileSync(configOf(person), "utf8"))?.[1] ?? "";
}

async function login(name: string): Promise<Person> {
  expect((await admin(`user add ${name}`)).code).toBe(0);
  const key = await issue(`${name}'s first key`, name);
  const person = personAt(join(box.folder, "home", name), { name, apiKey: key });
  expect((await ml(person, `login ${box.url}`, `${key}\n`)).code).toBe(0);
  writeProject(join(person.home, "work"), {
    "ml.toml": '[jobs.look]\ncommand = "env; ls -la; cat ~/.ml/config.toml; echo looked"\n',
  });
  return person;
}

async function use(person: Person): Promise<void> {
  for (const line of ["status", "status --json --debug", "whoami", "list --all", "key list"]) {
    expect((await ml(person, line)).code).toBe(0);
  }
  expect((await ml(person, "run look")).stdout).toContain("looked");
  for (const line of [
    "logs look",
    "show look",
    "why look",
    "list --all --json",
    "key list --json",
  ]) {
    expect((await ml(person, line)).code).toBe(0);
  }
  for (const line of ["user list", "key list", "key list --json", `key list ${person.name}`]) {
    expect((await admin(line)).code).toBe(0);
  }
}

/** Keys that are wrong, and right ones where they do not belong. */
async function misuse(): Promise<void> {
  const strange = generateApiKey({ id: "zzzz", randomBytes: (count) => randomBytes(count) });
  note(TYPED, strange);
  const mistyped = `${alice.apiKey.slice(0, -1)}${alice.apiKey.endsWith("0") ? "1" : "0"}`;
  const hash = new Bun.CryptoHasher("sha256").update(alice.apiKey).digest("hex");
  const guest = personAt(join(box.folder, "home/guest"), { name: "guest", apiKey: "" });
  for (const input of [strange, mistyped, hash, `${strange} ${strange}`]) {
    expect((await ml(guest, `login ${box.url} --debug`, input)).code).toBe(3);
  }
  expect((await ml(guest, `login ${strange}`)).code).toBe(2);
  expect((await ml(guest, `status --api-url ws://127.0.0.1:1/ws?key=${strange}`)).code).toBe(2);
  const right = { authorization: `Bearer ${alice.apiKey}` };
  const requests: readonly [path: string, init: RequestInit][] = [
    [`/ws?api_key=${alice.apiKey}`, {}],
    [`/rpc?key=${alice.apiKey}`, { method: "POST", headers: right, body: "{}" }],
    [`/${alice.apiKey}/x`, { headers: right }],
    ["/rpc", { method: "POST", headers: { cookie: `key=${alice.apiKey}` } }],
    ["/rpc", { method: "POST", headers: { authorization: `Basic ${btoa(alice.apiKey)}` } }],
    ["/rpc", { method: "POST", headers: { authorization: `Bearer ${hash}` } }],
    ["/rpc", { method: "POST", headers: { "user-agent": alice.apiKey, ...right }, body: "{" }],
    ["/rpc", { method: "POST", headers: right, body: rpc("user.whoami", { key: alice.apiKey }) }],
    ["/rpc", { method: "POST", headers: right, body: rpc(alice.apiKey, {}) }],
    ["/rpc", { method: "POST", headers: right, body: rpc("job.get", { job: alice.apiKey }) }],
  ];
  for (const [path, init] of requests) {
    const answer = await fetch(box.httpUrl + path, init);
    printed += `${answer.status} ${await answer.text()} ${JSON.stringify([...answer.headers])}\n`;
    expect(answer.status).not.toBe(500);
  }
}

function rpc(method: string, params: unknown): string {
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
}

async function rotateByUser(person: Person): Promise<void> {
  const first = await person.ml(["key", "rotate", "--print"]);
  expect(first.code, first.stderr).toBe(0);
  note("a key that was printed and never used", first.stdout);
  printed += first.stderr;
  const { code, stderr } = await ml(person, "key rotate --debug");
  expect(code, stderr).toBe(0);
  note(`${person.name}'s second key`, heldKey(person), configOf(person));
}

async function rotateByAdmin(person: Person): Promise<void> {
  const { code, stdout, stderr } = await box.admin(["key", "rotate", "--user", person.name]);
  expect(code, stderr).toBe(0);
  printed += stderr;
  const key = note(`${person.name}'s second key`, stdout, configOf(person));
  expect((await ml(person, "login", key)).code).toBe(0);
}

async function endKeys(): Promise<void> {
  const key = await issue("a revoked key", "bob");
  const guest = personAt(join(box.folder, "home/late"), { name: "late", apiKey: key });
  expect((await ml(guest, `login ${box.url}`, key)).code).toBe(0);
  expect((await admin(`key revoke ${key.slice(8, 12)}`)).code).toBe(0);
  expect((await ml(guest, "status --debug")).code).toBe(3);
  expect((await ml(guest, "logout")).code).toBe(0);
  await until(() => box.log.includes(key.slice(8, 12)), "the server's log does not name the key");
}

describe("after keys were used in every way", () => {
  test("each key is in its user's own config and in no other file", () => {
    const keys = secrets.flatMap(({ key, name, file }) =>
      needlesOf(key).map((needle) => ({ needle, what: name, ...(file !== undefined && { file }) })),
    );
    expect(tracesIn(filesUnder(box.folder), keys)).toEqual([]);
    // The search can find one: there it is.
    for (const { key, name, file } of secrets) {
      if (file === undefined) continue;
      const traces = tracesIn(filesUnder(box.folder), [{ needle: Buffer.from(key), what: name }]);
      expect(traces).toEqual([{ what: name, file }]);
    }
  });

  test("each hash is in the database and its write-ahead log alone", () => {
    const allowed = ["fetchml.db", "fetchml.db-wal"].map((name) => join(box.dataDir, name));
    const files = filesUnder(box.folder).filter((path) => !allowed.includes(path));
    expect(tracesIn(files, hashNeedles())).toEqual([]);
    // The search can find one: there it is.
    const stored = tracesIn(filesUnder(box.folder), hashNeedles()).map(({ file }) => file);
    expect(allowed).toEqual(expect.arrayContaining([...new Set(stored)]));
    expect(stored.length).toBeGreaterThan(0);
  });

  test("no temporary file holds a key or a hash", () => {
    const keys = secrets.flatMap(({ key, name }) =>
      needlesOf(key).map((needle) => ({ needle, what: name })),
    );
    const files = filesChangedSince(startedAt).filter((path) => !path.startsWith(box.folder));
    expect(tracesIn(files, [...keys, ...hashNeedles()])).toEqual([]);
  });

  test("the server's log and all that ml, fetchml and the API have said hold neither", () => {
    const said = join(box.folder, "said");
    writeFileSync(said, box.log + printed);
    const keys = secrets.flatMap(({ key, name }) =>
      needlesOf(key).map((needle) => ({ needle, what: name })),
    );
    expect(tracesIn([said], [...keys, ...hashNeedles()])).toEqual([]);
    expect(printed).toContain("looked");
  });

  test("no command line has shown one to everybody on the machine", () => {
    const shown = [...commandLines].join("\n");
    // It was looked at often enough to see what was typed.
    expect(shown).toContain("key\0list");
    for (const { key, name } of secrets) {
      if (name !== TYPED) expect(shown.includes(key.slice(12, 38)), name).toBe(false);
    }
  });

  function hashNeedles() {
    return secrets.flatMap(({ key, name }) => {
      const digest = new Bun.CryptoHasher("sha256").update(key).digest();
      return [
        digest,
        Buffer.from(digest.toString("hex")),
        Buffer.from(digest.toString("base64")),
      ].map((needle) => ({ needle, what: `the hash of ${name}` }));
    });
  }
});
