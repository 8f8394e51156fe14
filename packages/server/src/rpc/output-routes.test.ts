// Files and logs of jobs over real HTTP: content, parts, hashes, names, and what is not there.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { OUTPUT_MODIFIED_HEADER, OUTPUT_SIZE_HEADER, readReprDigest } from "@fetchml/protocol";
import { attemptFolder } from "../domain/attempt-folder.ts";
import { openBelow } from "../outputs/outputs.fixture.ts";
import { startJobOutputs, type JobOutputs } from "./job-outputs.fixture.ts";
import { exchangeRaw } from "./raw-http.fixture.ts";
import { until } from "./rpc.fixture.ts";

let here: JobOutputs;
let jobId: number;

beforeAll(async () => {
  here = await startJobOutputs();
  jobId = await here.begin();
});
afterAll(() => here.jobs.rpc.close());
afterEach(() =>
  until("all files are closed", () => openBelow(`${here.jobs.rpc.ctx.dataDir}/attempts`) === 0),
);

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");

const pattern = (size: number) => Buffer.from(Uint8Array.from({ length: size }, (_, i) => i % 251));

async function codeOf(response: Response) {
  const { error } = (await response.json()) as { error?: { data?: { code?: string } } };
  return [response.status, error?.data?.code];
}

/** Asks until the file has stood still long enough to have a strong tag. */
async function settledTag(path: string): Promise<string> {
  let etag = "";
  await until("the tag is strong", async () => {
    etag = (await here.ask(path, { method: "HEAD" })).headers.get("etag") ?? "";
    return etag.startsWith('"');
  });
  return etag;
}

describe("GET /jobs/JOB/outputs/PATH", () => {
  test("gives a small file with its size, time, tag and hash", async () => {
    const file = here.write(jobId, "sub/metrics.json", "{}");
    utimesSync(file, 1_700_000_000, 1_700_000_000);
    const response = await here.ask(`${jobId}/outputs/sub/metrics.json`);
    expect([response.status, await response.text()]).toEqual([200, "{}"]);
    const { headers } = response;
    expect(headers.get("content-length")).toBe("2");
    expect(headers.get(OUTPUT_SIZE_HEADER)).toBe("2");
    expect(headers.get(OUTPUT_MODIFIED_HEADER)).toBe("1700000000000");
    expect(headers.get("last-modified")).toBe("Tue, 14 Nov 2023 22:13:20 GMT");
    expect(readReprDigest(headers.get("repr-digest"))).toBe(sha256("{}"));
    expect(headers.get("content-disposition")).toBe("attachment");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("streams a large file, gives parts of it, and goes on only in the very same file", async () => {
    const content = pattern(3_000_000);
    here.write(jobId, "model.pt", content);
    const path = `${jobId}/outputs/model.pt`;
    const whole = await here.ask(path);
    expect(Buffer.from(await whole.arrayBuffer()).equals(content)).toBe(true);
    const etag = await settledTag(path);
    const range = "bytes=1000000-";
    const rest = await here.ask(path, { headers: { range, "if-range": etag } });
    expect(rest.status).toBe(206);
    expect(rest.headers.get("content-range")).toBe("bytes 1000000-2999999/3000000");
    expect(Buffer.from(await rest.arrayBuffer()).equals(content.subarray(1_000_000))).toBe(true);
    here.write(jobId, "model.pt", "another");
    const changed = await here.ask(path, { headers: { range, "if-range": etag } });
    expect([changed.status, await changed.text()]).toEqual([200, "another"]);
    expect(await codeOf(await here.ask(path, { headers: { "if-match": etag } }))).toEqual([
      412,
      "conflict",
    ]);
    const beyond = await here.ask(path, { headers: { range: "bytes=7-" } });
    expect(beyond.headers.get("content-range")).toBe("bytes */7");
    expect(await codeOf(beyond)).toEqual([416, "conflict"]);
  });

  test("answers HEAD with the same headers and no body", async () => {
    here.write(jobId, "model.pt", pattern(1_000_000));
    const head = await here.ask(`${jobId}/outputs/model.pt`, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([
      200,
      "1000000",
      "",
    ]);
    expect((await here.ask(`${jobId}/outputs`, { method: "HEAD" })).status).toBe(405);
  });

  test("gives an empty file", async () => {
    here.write(jobId, "empty", "");
    const response = await here.ask(`${jobId}/outputs/empty`);
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect(readReprDigest(response.headers.get("repr-digest"))).toBe(sha256(""));
  });

  test("gives files with any name a job can give them", async () => {
    const names = [
      "a b",
      "a%2Fb",
      "%2e%2e",
      "...",
      "a\nb\u001B[31m",
      "ü",
      "?x=1#y",
      "back\\slash",
      "+",
      "\u{1F600}",
    ];
    // The longest that a path can be, in letters that take most room in an address.
    const room = 4095 - Buffer.byteLength(here.folder(jobId)) - 1;
    const long = Array.from({ length: 16 }, () => "漢".repeat(80)).join("/");
    names.push(long.slice(0, Math.floor(room / 3) - 20).replace(/\/$/, ""));
    for (const name of names) {
      here.write(jobId, name, `content of ${name}`);
      const encoded = name.split("/").map(encodeURIComponent).join("/");
      const response = await here.ask(`${jobId}/outputs/${encoded}`);
      expect(await response.text()).toBe(`content of ${name}`);
    }
  });

  test("gives that of the attempt named, else of the newest", async () => {
    const id = await here.jobs.submit(1);
    await here.jobs.start(id);
    here.write(id, "x", "first");
    await here.retry(id);
    here.write(id, "x", "second", 2);
    const texts = await Promise.all(
      [`${id}`, `${id}%231`, `${id}%232`].map(async (job) =>
        (await here.ask(`${job}/outputs/x`)).text(),
      ),
    );
    expect(texts).toEqual(["second", "first", "second"]);
    expect(await codeOf(await here.ask(`${id}%233/outputs/x`))).toEqual([404, "output-not-found"]);
  });

  test("answers the same for what is missing, no file, or not to be reached", async () => {
    const folder = here.folder(jobId);
    mkdirSync(join(folder, "folder"), { recursive: true });
    symlinkSync("/etc/passwd", join(folder, "link"));
    symlinkSync("/etc", join(folder, "way"));
    for (const path of [
      "nothing",
      "folder",
      "link",
      "way/passwd",
      "a//b",
      "%2e%2e%2flog",
      "a%00b",
      "%ff",
      "folder/",
      "..%2f..%2fcontrol%2flog",
    ]) {
      expect(await codeOf(await here.ask(`${jobId}/outputs/${path}`))).toEqual([
        404,
        "output-not-found",
      ]);
    }
    // No client can say this one: an address is made straight before it is sent.
    const head = `GET /jobs/${jobId}/outputs/../../../control/log HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${here.key.api_key}\r\nconnection: close\r\n\r\n`;
    expect(await exchangeRaw(here.jobs.rpc.server.port, head)).toMatch(/^HTTP\/1.1 404/);
  });
});

describe("GET …?sha256_of=N", () => {
  test("gives the hash of the first bytes and the size now, and none when there are not so many", async () => {
    const content = pattern(700_000);
    here.write(jobId, "grows", content);
    const ask = async (count: number | string) =>
      (await here.ask(`${jobId}/outputs/grows?sha256_of=${count}`)).json();
    const hash = (count: number) => sha256(content.subarray(0, count));
    expect(await ask(0)).toEqual({ sha256: hash(0), size_bytes: 700_000 });
    expect(await ask(300_001)).toEqual({ sha256: hash(300_001), size_bytes: 700_000 });
    expect(await ask(700_000)).toEqual({ sha256: hash(700_000), size_bytes: 700_000 });
    expect(await ask(700_001)).toEqual({ sha256: null, size_bytes: 700_000 });
    expect(await codeOf(await here.ask(`${jobId}/outputs/grows?sha256_of=x`))).toEqual([
      400,
      "invalid-params",
    ]);
  });
});

describe("GET /jobs/JOB/checkpoints", () => {
  test("lists and gives what all attempts share", async () => {
    const root = join(here.jobs.rpc.ctx.dataDir, "checkpoints", String(jobId));
    mkdirSync(root, { recursive: true });
    await Bun.write(join(root, "epoch-3.pt"), "weights");
    expect(await here.list(`${jobId}/checkpoints`)).toMatchObject([
      { line: "job", job_id: jobId },
      { line: "entry", attempt: null, entry: { path: "epoch-3.pt", size_bytes: 7 } },
      { line: "end", complete: true },
    ]);
    expect(await (await here.ask(`${jobId}/checkpoints/epoch-3.pt`)).text()).toBe("weights");
  });
});

describe("GET /jobs/JOB/log", () => {
  test("gives the bytes as they are, in parts too", async () => {
    here.jobs.write(jobId, Buffer.from([0xff, 0x0a, 0x1b]));
    const whole = await here.ask(`${jobId}/log`);
    expect(new Uint8Array(await whole.arrayBuffer())).toEqual(new Uint8Array([0xff, 0x0a, 0x1b]));
    const part = await here.ask(`${jobId}%231/log`, { headers: { range: "bytes=1-" } });
    expect([part.status, await part.text()]).toEqual([206, "\n\u001B"]);
  });

  test("is sent without what was cut out of it, and can be gone on with until more is", async () => {
    const id = await here.begin();
    here.jobs.write(id, `head${"\0".repeat(2_000_000)}tail`);
    const { log } = attemptFolder(here.jobs.rpc.ctx.dataDir, { jobId: id, attempt: 1 });
    const cut = (to: number) => writeFileSync(join(dirname(log), "cut"), `4 ${to}\n`);
    cut(2_000_004);
    // A file that was changed a moment ago has no tag to go on by.
    const old = new Date(Date.now() - 60_000);
    utimesSync(log, old, old);
    await until("a tag that lasts", async () => {
      const { headers } = await here.ask(`${id}/log`, { method: "HEAD" });
      return headers.get("etag")?.startsWith('"') === true;
    });
    const whole = await here.ask(`${id}/log`);
    const text = await whole.text();
    expect(text).toMatch(
      /^head\nfetchml: [^\n]* \(2000000 bytes\) of the log are left out here[^\n]*\ntail$/,
    );
    expect(whole.headers.get(OUTPUT_SIZE_HEADER)).toBe(`${text.length}`);
    const resume = async () => {
      const headers = { range: "bytes=50-", "if-range": whole.headers.get("etag") ?? "" };
      const part = await here.ask(`${id}/log`, { headers });
      return [part.status, await part.text()] as const;
    };
    expect(await resume()).toEqual([206, text.slice(50)]);
    cut(2_000_006);
    const [status, other] = await resume();
    expect([status, other.slice(-3)]).toEqual([200, "\nil"]);
  });

  test("of a job that has not begun is not there", async () => {
    const id = await here.jobs.submit();
    expect(await codeOf(await here.ask(`${id}/log`))).toEqual([404, "log-not-found"]);
  });
});
