// deploy/nginx.conf in a real nginx before a real box: wss://, long silence, large bodies, and what is written down.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import {
  FRONT_PATIENCE_MS,
  hasFront,
  needsFront,
  openBoxBehindTls,
  type BoxBehindTls,
} from "./behind-tls.ts";
import { until, writeProject, type Box, type Person } from "./box.ts";
import { documented, fitted, nginxPlaces, startNginx, type Front } from "./tls-front.ts";
import { tlsRequest } from "./tls-request.ts";

const withNginx = needsFront("nginx.conf");
const text = documented("nginx.conf");

let way: BoxBehindTls;
let box: Box;
let alice: Person;
let front: Front;

beforeAll(async () => {
  if (!hasFront("nginx.conf")) return;
  way = await openBoxBehindTls("nginx.conf");
  ({ box, alice, front } = way);
}, FRONT_PATIENCE_MS);
afterAll(async () => {
  if (hasFront("nginx.conf")) await way.close();
}, FRONT_PATIENCE_MS);

test("what is tested differs from deploy/nginx.conf in names, paths and ports alone", () => {
  const places = nginxPlaces("/tmp/any", 8443, 9200);
  for (const [from] of places)
    expect(from).toMatch(/^(?:listen \d+ |server_name \S+|[\d.]+:\d+|\/\S+)$/);
  const [was, is] = [text, fitted(text, places)].map((one) => one.split("\n"));
  expect(is?.length).toBe(was?.length ?? 0);
  const differing = was?.flatMap((line, index) => (line === is?.[index] ? [] : [line.trim()]));
  expect(differing?.map((line) => line.split(/\s+/)[0])).toEqual([
    "server",
    "listen",
    "server_name",
    "ssl_certificate",
    "ssl_certificate_key",
    "access_log",
    "error_log",
  ]);
});

test("its silence limit is more than three pings of the server", () => {
  const seconds = Number(/proxy_read_timeout (\d+)s;/.exec(text)?.[1]);
  expect(seconds).toBeGreaterThan(3 * 25);
});

withNginx("nginx -t accepts it", async () => {
  const { code, stderr } = await front.check();
  expect(stderr).not.toContain("[warn]");
  expect([code, stderr]).toEqual([0, expect.stringContaining("test is successful")]);
});

withNginx("every way of ml works: a job is queued, followed, listed and pulled", async () => {
  const run = await alice.ml([
    "run",
    "one",
    "--",
    "sh",
    "-c",
    'echo out; echo 1 > "$ML_OUTPUT_DIR/a"',
  ]);
  expect([run.code, run.stdout]).toEqual([0, "out\n"]);
  expect((await alice.ml(["status"])).stdout).toContain("alice");
  expect((await alice.ml(["pull", "one"])).stdout).toStartWith("Pulled 1 file");
});

withNginx("older TLS than 1.2 is refused", async () => {
  const at = `127.0.0.1:${front.port}`;
  const talk = (version: string) =>
    Bun.spawnSync(["openssl", "s_client", "-connect", at, version, "-cipher", "ALL:@SECLEVEL=0"], {
      stdin: new Uint8Array(),
    });
  expect(talk("-tls1_2").exitCode).toBe(0);
  expect(talk("-tls1_1").exitCode).not.toBe(0);
});

/** Follows a job that says nothing for a while through an nginx of such a limit; answers how many connections that took. */
async function followSilent(limit: string, silentSeconds: number): Promise<number> {
  const folder = join(box.folder, `impatient-${limit}`);
  const replacing = [["proxy_read_timeout 90s", `proxy_read_timeout ${limit}`]] as const;
  const impatient = await startNginx({ folder, boxPort: way.boxPort, replacing });
  const connections = () => impatient.logs().split('"GET /ws HTTP/1.1" 101').length - 1;
  try {
    way.goThrough(impatient);
    const script = `echo before; sleep ${silentSeconds}; echo after; exit 7`;
    const { code, stdout } = await alice.ml(["run", "slow", "--", "sh", "-c", script]);
    expect([code, stdout]).toEqual([7, "before\nafter\n"]);
    // Each connection is written down when it has ended.
    await until(() => connections() > 0, "no connection is written down");
  } finally {
    way.goThrough(front);
    await impatient.close();
  }
  return connections();
}

withNginx(
  "a log is followed for longer than nginx lets a connection be silent: pings of every 25 s keep it open",
  async () => {
    expect(await followSilent("30s", 40)).toBe(1);
  },
  120_000,
);

withNginx(
  "a log is followed on where nginx has cut it",
  async () => {
    expect(await followSilent("3s", 5)).toBeGreaterThan(1);
  },
  60_000,
);

withNginx(
  "an upload of 300 MB arrives as it was",
  async () => {
    const project = writeProject(join(alice.home, "large"), {
      "ml.toml": '[project]\nmax_size = "1G"\nmax_file_size = "1G"\n',
    });
    const hash = writeNoise(join(project, "model.bin"), 300);
    const { code, stdout } = await alice.ml(["run", "sum", "--", "sha256sum", "model.bin"], {
      cwd: project,
    });
    expect([code, stdout]).toEqual([0, `${hash}  model.bin\n`]);
  },
  240_000,
);

withNginx(
  "an upload that nginx finds too large, for want of a line, is told so with that line",
  async () => {
    const folder = join(box.folder, "narrow");
    const replacing = [["client_max_body_size 0;", ""]] as const;
    const narrow = await startNginx({ folder, boxPort: way.boxPort, replacing });
    const project = writeProject(join(alice.home, "narrow"), { "a.py": "" });
    writeNoise(join(project, "model.bin"), 3);
    try {
      way.goThrough(narrow);
      const { code, stderr } = await alice.ml(["queue", "sum", "--", "true"], { cwd: project });
      expect([code, stderr]).toEqual([5, expect.stringContaining('"client_max_body_size 0;"')]);
    } finally {
      way.goThrough(front);
      await narrow.close();
    }
  },
  60_000,
);

/** Writes so many megabytes that nobody can compress, and answers their SHA-256. */
function writeNoise(path: string, megabytes: number): string {
  const hash = new Bun.CryptoHasher("sha256");
  const file = openSync(path, "wx");
  const block = new Uint8Array(1_000_000);
  for (let count = 0; count < megabytes; count++) {
    for (let at = 0; at < block.length; at += 50_000) {
      crypto.getRandomValues(block.subarray(at, at + 50_000));
    }
    hash.update(block);
    writeSync(file, block);
  }
  closeSync(file);
  return hash.digest("hex");
}

describe("what nginx writes down", () => {
  withNginx("has every request's path, and no key, wherever it stood", async () => {
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
    await ask("/jobs/1/outputs", {
      authorization: `Bearer ${key.replace(/.$/, (last) => (last === "x" ? "y" : "x"))}`,
    });
    await until(() => front.logs().includes('"GET /healthz HTTP/1.1" 400'), "the log lacks it");
    await box.stop();
    try {
      // A server that is away makes nginx complain.
      expect(await ask(`/away?key=${key}`)).toStartWith("HTTP/1.1 502 ");
    } finally {
      await box.start();
    }
    await until(() => front.logs().includes('"GET /away HTTP/1.1" 502'), "the log lacks it");
    expect(front.logs()).toContain('"GET [hidden] HTTP/1.1"');
    expect(front.logs()).not.toContain(key.slice(0, 20));
    expect(front.logs()).not.toContain("secret-word");
    expect(front.logs()).not.toContain("Bearer");
  });
});

describe("the server behind it", () => {
  withNginx("knows callers by their own address, whatever they say of it", async () => {
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

  withNginx("answers under the name of the box", async () => {
    const answer = await tlsRequest(front, {
      target: "/healthz",
      headers: { host: "box.example.org" },
    });
    expect(answer).toStartWith("HTTP/1.1 200 ");
  });

  withNginx("has at most 64 connections from one address", async () => {
    const sockets: WebSocket[] = [];
    const ca = await Bun.file(front.certificate.authorityPath).text();
    const openOne = () =>
      new Promise<boolean>((resolve) => {
        const headers = { authorization: `Bearer ${alice.apiKey}` };
        const socket = new WebSocket(front.url, { headers, tls: { ca } });
        sockets.push(socket);
        socket.addEventListener("open", () => resolve(true));
        socket.addEventListener("error", () => resolve(false));
      });
    const opened: boolean[] = [];
    try {
      for (let count = 0; count < 70; count++) opened.push(await openOne());
    } finally {
      for (const socket of sockets) socket.close();
    }
    expect(opened.filter(Boolean).length).toBe(64);
    expect(opened.slice(0, 64)).not.toContain(false);
    await until(async () => (await alice.ml(["whoami"])).code === 0, "nobody is let in any more");
  });
});
