// deploy/Caddyfile in a real Caddy before a real box: the same basics as nginx's.
import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  FRONT_PATIENCE_MS,
  hasFront,
  needsFront,
  openBoxBehindTls,
  type BoxBehindTls,
} from "./behind-tls.ts";
import { until, type Box, type Person } from "./box.ts";
import { caddyPlaces, documented, fitted, serverSettings, type Front } from "./tls-front.ts";
import { tlsRequest } from "./tls-request.ts";

const withCaddy = needsFront("Caddyfile");
const text = documented("Caddyfile");

let way: BoxBehindTls;
let box: Box;
let alice: Person;
let front: Front;

beforeAll(async () => {
  if (!hasFront("Caddyfile")) return;
  way = await openBoxBehindTls("Caddyfile");
  ({ box, alice, front } = way);
}, FRONT_PATIENCE_MS);
afterAll(async () => {
  if (hasFront("Caddyfile")) await way.close();
}, FRONT_PATIENCE_MS);

test("what is tested differs from deploy/Caddyfile in names, paths and ports alone", () => {
  const places = caddyPlaces("/tmp/any", { port: 8443, boxPort: 9200, adminPort: 2020 });
  for (const [from] of places) expect(from).toMatch(/^(?:https:\/\/)?(?:[\w.]+:\d+|\/\S+)$/);
  const [was, is] = [text, fitted(text, places)].map((one) => one.split("\n"));
  const differing = was?.flatMap((line, index) => (line === is?.[index] ? [] : [line.trim()]));
  expect(differing?.map((line) => line.split(/\s+/)[0])).toEqual([
    "admin",
    "https://box.example.org:443",
    "tls",
    "output",
    "reverse_proxy",
  ]);
});

test("both proxies ask the same settings of the server", () => {
  expect(serverSettings(text)).toBe(serverSettings(documented("nginx.conf")));
  expect(serverSettings(text)).toContain("trusted_proxies");
});

withCaddy("caddy validate accepts it", async () => {
  const { code, stdout, stderr } = await front.check();
  expect([code, stdout]).toEqual([0, expect.stringContaining("Valid configuration")]);
  expect(stderr).not.toContain("Unnecessary");
});

withCaddy("a job is queued, followed, listed and pulled", async () => {
  expect((await alice.ml(["status"])).stdout).toContain("alice");
  const script = 'echo out; head -c 5000000 /dev/urandom > "$ML_OUTPUT_DIR/a"; exit 7';
  const run = await alice.ml(["run", "one", "--", "sh", "-c", script]);
  expect([run.code, run.stdout]).toEqual([7, "out\n"]);
  expect((await alice.ml(["pull", "one"])).stdout).toStartWith("Pulled 1 file");
});

withCaddy("the server knows callers by their own address, whatever they say of it", async () => {
  await tlsRequest(front, {
    target: "/jobs/1/outputs",
    from: "127.0.0.2",
    headers: {
      authorization: `Bearer ${alice.apiKey.replace(/.$/, (last) => (last === "x" ? "y" : "x"))}`,
      "x-forwarded-for": "203.0.113.9",
    },
  });
  await until(() => box.log.includes('"address":"127.0.0.2"'), "the log lacks the address");
  expect(box.log).not.toContain("203.0.113.9");
});

withCaddy("no key is written down, wherever it stood", async () => {
  const key = alice.apiKey;
  const ask = (target: string, headers: Readonly<Record<string, string>> = {}) =>
    tlsRequest(front, { target, headers });
  await ask(`/healthz?key=${key}&secret-word=1`);
  await ask(`/nowhere/${key}`);
  await ask("/jobs/1/outputs", {
    authorization: `Bearer ${key}`,
    cookie: `key=${key}`,
    referer: `https://x/?${key}`,
  });
  await box.stop();
  try {
    expect(await ask(`/away?key=${key}`, { authorization: `Bearer ${key}` })).toStartWith(
      "HTTP/1.1 502 ",
    );
  } finally {
    await box.start();
  }
  for (const part of ['"uri":"/healthz"', '"uri":"/away"', '"uri":"/nowhere/"']) {
    await until(() => front.logs().includes(part), `the log lacks ${part}`);
  }
  expect(front.logs()).not.toContain(key.slice(0, 20));
  expect(front.logs()).not.toContain("secret-word");
  expect(front.logs()).not.toContain("Bearer");
});
