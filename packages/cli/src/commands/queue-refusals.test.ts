// Tests of projects that `ml queue` refuses to send, as a process against a real socket.
import { beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CHANGE_START, FetchmlError } from "@fetchml/protocol";
import { sampleJob } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

/** Paths of the requests for files. */
let requests: string[];

beforeEach(() => {
  requests = [];
  writeFileSync(join(here.bench.project, "train.py"), "print('hello')\n");
});

/** A server that has no file yet and takes a megabyte. */
function serveEmpty() {
  return here.serve({
    answers: {
      "job.submit": ({ snapshot }) => {
        if (requests.includes(String(snapshot))) return { job: sampleJob(), ahead: 0 };
        throw new FetchmlError("snapshot-missing", "There is no such snapshot.");
      },
      "server.limits": () => ({
        snapshot: { max_size_bytes: 1024 ** 2, max_file_size_bytes: 1024 ** 2, max_files: 15 },
      }),
    },
    http: async (request) => {
      const manifest = await request.text();
      const headers = { "fetchml-server": "0.1.0" };
      if (manifest.startsWith(CHANGE_START)) {
        const error = { code: 1205, message: "Send all.", data: { code: "snapshot-missing" } };
        return Response.json({ error }, { status: 409, headers });
      }
      const snapshot = new Bun.CryptoHasher("sha256").update(manifest).digest("hex");
      requests.push(snapshot);
      return Response.json({ snapshot, missing: [] }, { headers });
    },
  });
}

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(join(here.bench.project, path, ".."), { recursive: true });
  writeFileSync(join(here.bench.project, path), content);
}

const MIB = 1024 ** 2;

describe("ml queue refuses, before anything is sent and with exit 2,", () => {
  test("what is over a limit of ml.toml, with the ten largest paths and their lines", async () => {
    serveEmpty();
    put("ml.toml", '[project]\nmax_size = "100K"\n');
    for (let place = 0; place < 12; place++)
      put(`big/${place}.bin`, new Uint8Array(20_000 + place * 1024));
    for (let place = 0; place < 12; place++) put(`${place}/x.bin`, new Uint8Array(2000 - place));
    const { code, stdout, stderr } = await here.ml("queue train -- true");
    expect([code, stdout, here.server.calls, requests]).toEqual([2, "", [], []]);
    const [message = "", table = ""] = stderr.split("\n\n");
    expect(message.split("\n")).toHaveLength(3);
    expect(message).toContain("100 KiB is the limit (max_size in ml.toml)");
    expect(message).toEndWith("such as: /big/");
    const rows = table.trimEnd().split("\n");
    expect(rows[0]).toMatch(/^PATH +WHY +LINE FOR .mlignore$/);
    expect(rows[1]).toMatch(/^big\/ +\S+ KiB +\/big\/$/);
    expect(rows).toHaveLength(11);
  });

  test("what is over a limit of the server, although ml.toml allows it", async () => {
    serveEmpty();
    put("ml.toml", '[project]\nmax_size = "1G"\nmax_file_size = "1G"\n');
    put("model.bin", new Uint8Array(MIB + 1));
    const large = await here.ml("queue train -- true");
    expect([large.code, requests]).toEqual([2, []]);
    expect(large.stderr).toContain(
      "a file of it is larger than 1,048,576 bytes (set by the server's admin)",
    );
    expect(large.stderr).toContain("Largest: model.bin (1,048,577 bytes)");
    put(".mlignore", "*.bin\n");
    expect((await here.ml("queue train -- true")).code).toBe(0);
    for (let place = 0; place < 15; place++) put(`data/${place}.txt`, `${place}`);
    const many = await here.ml("queue train -- true");
    expect([many.code, requests.length]).toEqual([2, 1]);
    expect(many.stderr).toContain("more than 15 files (set by the server's admin)");
  });

  test("secrets, by name of each file, until --allow-secrets is said", async () => {
    serveEmpty();
    put(".env", "TOKEN=hunter2\n");
    put("keys/id_ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n");
    const { code, stderr } = await here.ml("queue train -- true");
    expect([code, here.server.calls, requests]).toEqual([2, [], []]);
    expect(stderr).toContain("--allow-secrets");
    expect(stderr).toMatch(/^\.env +holds environment variables.* {2}\/\.env$/m);
    expect(stderr).toMatch(
      /^keys\/id_ed25519 +has the name of a private SSH key +\/keys\/id_ed25519$/m,
    );
    expect(stderr).not.toContain("hunter2");
    expect((await here.ml("queue train --dry-run -- true")).code).toBe(2);
    expect((await here.ml("queue train --allow-secrets -- true")).code).toBe(0);
    expect(requests).toHaveLength(1);
    expect((await here.ml("queue train -- true")).code).toBe(2);
  });
});
