// A job's code given back over real HTTP, to those who may see it and to nobody else.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdirSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { BLOB_STREAM_TYPE, SERVER_HEADER, type IssuedKey } from "@fetchml/protocol";
import { startRpc, type RpcFixture } from "./rpc.fixture.ts";
import { packed, sendProject, sha256, type SentProject } from "./sent-project.fixture.ts";
import { SUBMIT } from "./submit.fixture.ts";

const FILES = { "a.py": "print(1)\n", "b/c.py": "print(2)\n", empty: "" };

let rpc: RpcFixture;
let alice: IssuedKey;
let sent: SentProject;

beforeEach(async () => {
  rpc = await startRpc();
  alice = await rpc.give("alice");
  sent = await sendProject(rpc, alice.api_key, FILES);
});
afterEach(() => rpc.close());

function get(path: string, key = alice.api_key): Promise<Response> {
  return fetch(rpc.url + path, { headers: { authorization: `Bearer ${key}` } });
}

function ask(job: string | number, body: Bun.BodyInit | object, key = alice.api_key) {
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  return fetch(`${rpc.url}/jobs/${job}/blobs`, {
    method: "POST",
    body: isRaw ? body : JSON.stringify(body),
    headers: { authorization: `Bearer ${key}` },
  });
}

async function codeOf(response: Response) {
  const { error } = (await response.json()) as { error?: { data?: { code?: string } } };
  return [response.status, error?.data?.code];
}

const hashes = Object.values(FILES).map(sha256);

describe("GET /jobs/JOB/manifest", () => {
  test("answers the manifest to the byte, whatever the job is called", async () => {
    for (const job of [sent.jobId, SUBMIT.name, "@", "%40", `${sent.jobId}%231`]) {
      const response = await get(`/jobs/${job}/manifest`);
      expect([response.status, await response.text()]).toEqual([200, sent.manifest]);
      expect(response.headers.has(SERVER_HEADER)).toBe(true);
      expect(response.headers.get("cache-control")).toBe("no-store");
    }
  });

  test("answers an empty one for a job without a project", async () => {
    const request = { jsonrpc: "2.0", id: 1, method: "job.submit", params: SUBMIT };
    await rpc.post(request, { key: alice.api_key });
    const manifest = await get("/jobs/@/manifest");
    expect(await manifest.json()).toEqual({ version: 1, entries: [] });
    const nothing = await ask("@", { hashes: [] });
    expect([nothing.status, await nothing.text()]).toEqual([200, ""]);
    expect(await codeOf(await ask("@", { hashes }))).toEqual([400, "invalid-params"]);
  });

  test("says so when retention or a fault has taken the manifest", async () => {
    rmSync(join(rpc.ctx.dataDir, "snapshots/manifests"), { recursive: true });
    expect(await codeOf(await get(`/jobs/${sent.jobId}/manifest`))).toEqual([
      409,
      "snapshot-missing",
    ]);
    expect(await codeOf(await ask(sent.jobId, { hashes }))).toEqual([409, "snapshot-missing"]);
  });
});

describe("POST /jobs/JOB/blobs", () => {
  test("answers the files asked for, packed, in the order asked for, each once", async () => {
    const [a = "", b = "", empty = ""] = hashes;
    const response = await ask(sent.jobId, { hashes: [empty, b, a, b] });
    expect(response.headers.get("content-type")).toBe(BLOB_STREAM_TYPE);
    const expected = packed([FILES.empty, FILES["b/c.py"], FILES["a.py"]]);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array(expected));
  });

  test("gives many small and large files back whole", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => {
        const size = i % 50 === 0 ? 700_000 + i : i * 13;
        return [`f${String(i).padStart(3, "0")}`, `${i}`.padEnd(size, `${i},`)];
      }),
    );
    const { jobId } = await sendProject(rpc, alice.api_key, files);
    const contents = Object.values(files);
    const response = await ask(jobId, { hashes: contents.map(sha256) });
    expect(sha256(new Uint8Array(await response.arrayBuffer()))).toBe(sha256(packed(contents)));
  });

  test("gives away nothing that this job's manifest does not name", async () => {
    const other = await sendProject(rpc, alice.api_key, { "other.txt": "of another job" });
    const foreign = sha256("of another job");
    for (const hash of [foreign, sha256("nobody has it")]) {
      const response = await ask(sent.jobId, { hashes: [...hashes, hash] });
      expect(await codeOf(response)).toEqual([400, "invalid-params"]);
    }
    expect((await ask(other.jobId, { hashes: [foreign] })).status).toBe(200);
  });

  test("refuses what is no list of hashes, and one that is too long", async () => {
    const bodies = [
      "",
      "[]",
      "{}",
      "{",
      new Uint8Array([0xff]),
      { hashes: "abc" },
      { hashes: ["../../fetchml.db"] },
      { hashes: [`${hashes[0]}`.toUpperCase()] },
      { hashes: [1] },
    ];
    for (const body of bodies) {
      expect(await codeOf(await ask(sent.jobId, body))).toEqual([400, "invalid-params"]);
    }
    const many = Array.from({ length: 70_000 }, () => hashes[0]);
    expect(await codeOf(await ask(sent.jobId, { hashes: many }))).toEqual([413, "too-large"]);
    const some = await ask(sent.jobId, { hashes: many.slice(0, 50_000) });
    expect([some.status, (await some.arrayBuffer()).byteLength]).toEqual([200, 49]);
  });

  test("says which content is gone or damaged before it sends anything", async () => {
    const folder = join(rpc.ctx.dataDir, "snapshots/blobs");
    const file = (hash: string) => join(folder, hash.slice(0, 2), hash.slice(2));
    truncateSync(file(hashes[0] ?? ""), 3);
    for (const hash of [hashes[0], hashes[1]]) {
      if (hash === hashes[1]) rmSync(file(hash ?? ""));
      const response = await ask(sent.jobId, { hashes: [hash] });
      const { error } = (await response.clone().json()) as { error: { message: string } };
      expect(await codeOf(response)).toEqual([409, "snapshot-missing"]);
      expect(error.message).toContain(hash === hashes[0] ? "a.py" : "b/c.py");
    }
    expect((await ask(sent.jobId, { hashes: [hashes[2]] })).status).toBe(200);
    expect(readdirSync(folder).length).toBeGreaterThan(0);
  });
});

describe("code", () => {
  test("is for the owner and admins; for others it is as if it did not exist", async () => {
    const keys = {
      admin: (await rpc.give("root", "admin")).api_key,
      member: (await rpc.give("bob")).api_key,
      viewer: (await rpc.give("vera", "viewer")).api_key,
    };
    expect((await get(`/jobs/${sent.jobId}/manifest`, keys.admin)).status).toBe(200);
    expect((await ask(sent.jobId, { hashes }, keys.admin)).status).toBe(200);
    for (const key of [keys.member, keys.viewer]) {
      for (const job of [sent.jobId, 99, "@", SUBMIT.name]) {
        const manifest = await get(`/jobs/${job}/manifest`, key);
        expect(await codeOf(manifest)).toEqual([404, "job-not-found"]);
        expect(await codeOf(await ask(job, { hashes }, key))).toEqual([404, "job-not-found"]);
        // Not even whether the body would have been right.
        expect(await codeOf(await ask(job, "{", key))).toEqual([404, "job-not-found"]);
      }
    }
  });

  test("stays visible to an owner who has become a viewer", async () => {
    await rpc.ctx.queue.db.write(() =>
      rpc.ctx.queue.db.run("UPDATE users SET role = 'viewer' WHERE name = 'alice'", {}),
    );
    expect((await get(`/jobs/${sent.jobId}/manifest`)).status).toBe(200);
  });

  test("takes a key, and is not given through the box's own socket", async () => {
    for (const what of ["manifest", "blobs"]) {
      const method = what === "blobs" ? "POST" : "GET";
      const path = `/jobs/${sent.jobId}/${what}`;
      expect((await fetch(rpc.url + path, { method })).status).toBe(401);
      const box = await fetch(`http://localhost${path}`, { method, unix: rpc.socketPath });
      expect(box.status).toBe(403);
    }
  });

  test("is at no other address, and takes no other verb", async () => {
    const paths = [
      "/jobs/1",
      "/jobs//manifest",
      "/jobs/1/manifest/",
      "/jobs/1/2/manifest",
      "/jobs/%zz/manifest",
      `/jobs/${"1".repeat(81)}/manifest`,
      "/jobs/1/constructor",
    ];
    for (const path of paths) {
      expect([path, ...(await codeOf(await get(path)))]).toEqual([path, 404, "method-not-found"]);
    }
    expect((await get(`/jobs/${sent.jobId}/blobs`)).status).toBe(405);
  });
});
