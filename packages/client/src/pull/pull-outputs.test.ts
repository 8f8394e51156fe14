// Pulls over real sockets into real folders: what comes, what stays, what is replaced.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { reprDigest } from "@fetchml/protocol";
import {
  bundleAnswer,
  bytes,
  errorResponse,
  openPullBench,
  SOME_TIME,
  type PullBench,
} from "./pull-server.fixture.ts";

let bench: PullBench;

beforeEach(async () => {
  bench = await openPullBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const text = (content: Uint8Array) => Buffer.from(content).toString("latin1");

describe("pullOutputs()", () => {
  test("brings files with content, time and executable bit, then links, and leaves nothing else", async () => {
    const large = bytes(1_000_000);
    bench.put("sub/model.pt", large);
    bench.put("run.sh", "#!/bin/sh\n", { executable: true });
    bench.put("empty", "");
    bench.others.push({
      attempt: 1,
      entry: { kind: "symlink", path: "latest", target: "sub/model.pt" },
    });
    const items = await bench.pull();
    expect(bench.outcomes(items)).toEqual([
      "sub/model.pt pulled",
      "run.sh pulled",
      "empty pulled",
      "latest pulled",
    ]);
    expect(bench.here()).toEqual({
      empty: "",
      latest: "-> sub/model.pt",
      "run.sh": "#!/bin/sh\n",
      "sub/model.pt": text(large),
    });
    expect(readdirSync(bench.target)).toHaveLength(4);
    const [script, model] = ["run.sh", "sub/model.pt"].map((path) =>
      statSync(join(bench.target, path)),
    );
    expect(model?.mtimeMs).toBe(SOME_TIME);
    expect((script?.mode ?? 0) & 0o7111).toBe(0o111);
    expect((model?.mode ?? 0) & 0o7111).toBe(0);
  });

  test("asks for nothing that is here already, and fetches only what is missing", async () => {
    for (const path of ["a", "b", "sub/c"]) bench.put(path);
    await bench.pull();
    rmSync(join(bench.target, "b"));
    const before = bench.requests.length;
    expect(bench.outcomes(await bench.pull())).toEqual(["a equal", "b pulled", "sub/c equal"]);
    expect(bench.requests.slice(before)).toEqual(["POST /jobs/12%231/outputs b"]);
  });

  test("takes the same size and time for the same file, and reads it only where all is to be verified", async () => {
    bench.put("kept");
    bench.put("spoilt");
    await bench.pull();
    const spoilt = join(bench.target, "spoilt");
    const { size, mtime } = statSync(spoilt);
    writeFileSync(spoilt, "x".repeat(size));
    utimesSync(spoilt, mtime, mtime);
    expect(bench.outcomes(await bench.pull())).toEqual(["kept equal", "spoilt equal"]);
    const verified = await bench.pull({ verify: true });
    expect(bench.outcomes(verified)).toEqual(["kept equal", "spoilt differs"]);
    await bench.pull({ verify: true, force: true });
    expect(bench.here()).toEqual({ kept: "kept", spoilt: "spoilt" });
  });

  test("knows a file by its content where its time is another", async () => {
    bench.put("same");
    await bench.pull();
    utimesSync(join(bench.target, "same"), 1, 1);
    expect(bench.outcomes(await bench.pull())).toEqual(["same equal"]);
    expect(bench.requests.at(-1)).toBe("GET /jobs/12%231/outputs/same?sha256_of=4");
  });

  test("leaves what differs as it is, pulls the rest, and replaces it only with force", async () => {
    bench.put("longer", "12");
    bench.put("other", "job's");
    bench.put("new");
    writeFileSync(join(bench.target, "longer"), "12345");
    writeFileSync(join(bench.target, "other"), "mine!");
    expect(bench.outcomes(await bench.pull())).toEqual([
      "longer differs",
      "other differs",
      "new pulled",
    ]);
    expect(bench.here()).toEqual({ longer: "12345", new: "new", other: "mine!" });
    expect(bench.outcomes(await bench.pull({ force: true }))).toEqual([
      "longer pulled",
      "other pulled",
      "new equal",
    ]);
    expect(bench.here()).toEqual({ longer: "12", new: "new", other: "job's" });
  });

  test("goes on with a file that the job has written more to, and loses nothing of what is here", async () => {
    bench.put("log.txt", "one\n");
    await bench.pull();
    bench.put("log.txt", "one\ntwo\n", { modifiedAt: SOME_TIME + 1000 });
    expect(bench.outcomes(await bench.pull())).toEqual(["log.txt pulled"]);
    expect(bench.here()).toEqual({ "log.txt": "one\ntwo\n" });
    bench.put("log.txt", "another start\n");
    expect(bench.outcomes(await bench.pull())).toEqual(["log.txt differs"]);
  });

  test("pulls a growing file as far as it was, and says that it grows", async () => {
    const [first, all] = [bytes(400_000), bytes(500_000)];
    bench.put("grows", first);
    bench.before = (request) => {
      if (request.url.includes("sha256_of")) bench.put("grows", all);
      return undefined;
    };
    const [item] = await bench.pull();
    expect(item).toMatchObject({ outcome: "growing", size_bytes: 400_000 });
    expect(bench.here()["grows"]).toBe(text(first));
  });

  test("reads a file again that was written anew meanwhile, and gives up where that never ends", async () => {
    let version = 0;
    const changeUntil = (last: number) => (request: Request) => {
      if (request.url.includes("sha256_of") && version < last)
        bench.put("busy", bytes(400_000, ++version));
      return undefined;
    };
    bench.put("busy", bytes(400_000));
    bench.before = changeUntil(2);
    expect(bench.outcomes(await bench.pull())).toEqual(["busy pulled"]);
    expect(bench.here()["busy"]).toBe(text(bytes(400_000, 2)));
    rmSync(join(bench.target, "busy"));
    bench.before = changeUntil(Infinity);
    expect(bench.outcomes(await bench.pull())).toEqual(["busy unsteady"]);
    expect(bench.here()).toEqual({});
  });

  test("says what the job has taken away since it was listed", async () => {
    bench.put("stays");
    bench.put("goes");
    bench.before = () => {
      bench.files.delete("goes");
      return undefined;
    };
    expect(bench.outcomes(await bench.pull())).toEqual(["stays pulled", "goes gone"]);
    // Here already, and asked about when it is not there any more.
    bench.before = () => undefined;
    bench.put("stays", "stays and grows");
    bench.before = () => {
      bench.files.delete("stays");
      return undefined;
    };
    expect(bench.outcomes(await bench.pull())).toEqual(["stays gone"]);
    expect(bench.here()).toEqual({ stays: "stays" });
  });

  test("does not take what is not what the server has hashed, small or large", async () => {
    bench.put("small", "right");
    bench.put("large", bytes(400_000));
    bench.before = (request) => {
      if (request.url.includes("sha256_of")) return undefined;
      const isSmall = !request.url.endsWith("large");
      const headers = isSmall ? wrongHeaders("right") : wrongHeaders("", 400_000);
      if (request.method === "POST") {
        const header = JSON.stringify({ size_bytes: 5, modified_at: 1, sha256: sha256("right") });
        return new Response(`${header}\nwrong`, { headers });
      }
      return new Response(isSmall ? "wrong" : new Uint8Array(400_000), { headers });
    };
    expect(bench.outcomes(await bench.pull())).toEqual(["small unsteady", "large unsteady"]);
    expect(bench.here()).toEqual({});
  });

  test("brings many small files in few answers, and what one of them lacks alone", async () => {
    for (let i = 0; i < 600; i++) bench.put(`d${i % 7}/${i}`, `content of ${i}`);
    bench.before = (request) => {
      if (request.method === "POST") bench.put("d0/0", bytes(300_000));
      return undefined;
    };
    const items = await bench.pull();
    expect(items.every(({ outcome }) => outcome === "pulled")).toBe(true);
    expect(bench.requests.filter((request) => request.startsWith("POST"))).toHaveLength(3);
    expect(bench.requests.filter((request) => request.startsWith("GET"))).toEqual([
      "GET /jobs/12%231/outputs/d0/0",
      "GET /jobs/12%231/outputs/d0/0?sha256_of=300000",
    ]);
    expect(bench.here()["d3/591"]).toBe("content of 591");
    expect(bench.here()["d0/0"]).toBe(text(bytes(300_000)));
  });

  test("makes a folder for each of several attempts, and pulls their logs", async () => {
    const entry = (path: string) =>
      ({ kind: "file", path, size_bytes: 1, modified_at: SOME_TIME, executable: false }) as const;
    bench.put("x", "1");
    bench.put("log", "says\n");
    bench.files.delete("x");
    bench.others.push({ attempt: 1, entry: entry("x") }, { attempt: 2, entry: entry("x") });
    bench.before = (request) => {
      if (request.method !== "POST") return undefined;
      const content = new TextEncoder().encode(request.url.includes("%232") ? "2" : "1");
      const file = { content, modifiedAt: SOME_TIME, executable: false, etag: "" };
      return bundleAnswer(new Map([["x", file]]), ["x"]);
    };
    await bench.pull({ attempts: [1, 2], logs: [1], globs: ["x"] });
    expect(bench.here()).toEqual({ "12.1.log": "says\n", "12.1/x": "1", "12.2/x": "2" });
  });

  test("ends with the first error, and leaves the parts for the next time", async () => {
    for (let i = 0; i < 50; i++) bench.put(`${i}`, bytes(300_000, i));
    bench.before = (request) =>
      request.url.endsWith("/outputs/7") ? errorResponse("key-revoked", 401) : undefined;
    expect(await bench.pull().catch((error: unknown) => error)).toMatchObject({
      code: "key-revoked",
    });
    bench.before = () => undefined;
    await bench.pull();
    const whole = Object.keys(bench.here()).filter((path) => !path.startsWith(".ml-pull"));
    expect(whole).toHaveLength(50);
  });

  test("does no harm to another pull into the same folder at the same time", async () => {
    for (let i = 0; i < 40; i++) bench.put(`${i}`, bytes(i % 4 === 0 ? 300_000 : 10, i));
    const all = await Promise.all([bench.pull(), bench.pull(), bench.pull()]);
    for (const items of all) {
      expect(items.every(({ outcome }) => outcome === "pulled" || outcome === "equal")).toBe(true);
    }
    expect(Object.values(bench.here())).toEqual(
      Object.keys(bench.here()).map((path) =>
        text(bytes(Number(path) % 4 === 0 ? 300_000 : 10, Number(path))),
      ),
    );
  });

  test("pulls nothing over a folder, a link or a pipe that has the name here", async () => {
    for (const path of ["folder", "link", "way/x"]) bench.put(path, "job's");
    mkdirSync(join(bench.target, "folder"));
    symlinkSync("/etc/passwd", join(bench.target, "link"));
    symlinkSync("/tmp", join(bench.target, "way"));
    expect(bench.outcomes(await bench.pull())).toEqual([
      "folder blocked",
      "link differs",
      "way/x blocked",
    ]);
    // With force a link is replaced itself; what it leads to is as it was. Through one nothing is written at all.
    expect(bench.outcomes(await bench.pull({ force: true }))).toEqual([
      "folder blocked",
      "link pulled",
      "way/x blocked",
    ]);
    expect(bench.here()).toEqual({ link: "job's", way: "-> /tmp" });
    // What would be fetched in vain is not asked for.
    bench.put("link/large", bytes(300_000));
    const before = bench.requests.length;
    const [large] = await bench.pull({ force: true, globs: ["large"] });
    expect(large).toMatchObject({
      outcome: "blocked",
      why: 'lies below "link", which is no folder here',
    });
    expect(bench.requests.slice(before)).toEqual([]);
  });

  test.skipIf(process.getuid?.() === 0)("says in words that it may not write here", async () => {
    bench.put("x");
    chmodSync(bench.target, 0o500);
    expect(await bench.pull().catch((error: unknown) => error)).toMatchObject({ code: "bad-file" });
    chmodSync(bench.target, 0o700);
  });
});

function sha256(content: string): string {
  return new Bun.CryptoHasher("sha256").update(content).digest("hex");
}

/** Headers of a file of that content, for another content. */
function wrongHeaders(content: string, size = content.length): Record<string, string> {
  const digest = { "repr-digest": reprDigest(sha256(content)) };
  const headers = { "fetchml-server": "1", etag: '"v"', "fetchml-size-bytes": String(size) };
  return content === "" ? headers : { ...headers, ...digest };
}
