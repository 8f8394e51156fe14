// Jobs with code, as a server gives them, for tests.
import {
  encodeBlobHeader,
  FetchmlError,
  manifestText,
  SERVER_HEADER,
  type JobDetail,
  type JobPrivate,
  type ManifestEntry,
} from "@fetchml/protocol";
import type { RpcServerOptions } from "./rpc-server.fixture.ts";
import { sampleJob } from "./samples.fixture.ts";

/** A tree in words: text or bytes are a file, `exec` one that may be executed, `link` a link. */
export type TreeText = Readonly<
  Record<string, string | Uint8Array | { readonly exec: string } | { readonly link: string }>
>;

/** One job of the server. */
export interface CodeJob {
  readonly tree: TreeText;
  readonly job?: Partial<JobDetail>;
  readonly own?: Partial<JobPrivate>;
}

/** What the server of a test is to be: `job.get`, manifests and blobs of these jobs, by id. */
export function servingCode(jobs: Readonly<Record<number, CodeJob>>): RpcServerOptions {
  const contents = new Map<string, Uint8Array>();
  const manifests = new Map<number, string>();
  for (const [id, { tree }] of Object.entries(jobs)) {
    const entries = Object.entries(tree).map(([path, thing]) => entryOf(path, thing, contents));
    entries.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
    manifests.set(Number(id), manifestText({ version: 1, entries }));
  }
  return {
    answers: {
      "job.get": ({ job: reference }) => {
        const found = jobs[Number(reference)];
        if (found === undefined) throw new FetchmlError("job-not-found", "There is no such job.");
        const snapshot = sha256(manifests.get(Number(reference)) ?? "");
        return {
          ...sampleJob({ id: Number(reference), ...found.job }),
          attempts: [],
          private: { ...OWN, snapshot, ...found.own },
        };
      },
    },
    http: async (request) => {
      const [, id, what] = /^\/jobs\/(\d+)\/(\w+)$/.exec(new URL(request.url).pathname) ?? [];
      if (what === "manifest") return new Response(manifests.get(Number(id)), { headers: HEADERS });
      const { hashes } = (await request.json()) as { hashes: string[] };
      const parts = hashes.flatMap((hash) => {
        const bytes = contents.get(hash) ?? new Uint8Array(0);
        return [encodeBlobHeader({ hash, sizeBytes: bytes.length }), bytes];
      });
      return new Response(Buffer.concat(parts), { headers: HEADERS });
    },
  };
}

const HEADERS = { [SERVER_HEADER]: "0.1.0" };

const OWN: JobPrivate = {
  command: { argv: ["python3", "train.py"] },
  cwd: "",
  env: {},
  snapshot: null,
  setup: null,
  git: null,
  redo_of: null,
  retry_on: ["lost", "host-oom", "exited"],
  mounts: [],
  secrets: [],
};

function sha256(content: string | Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(content).digest("hex");
}

function entryOf(
  path: string,
  thing: TreeText[string],
  contents: Map<string, Uint8Array>,
): ManifestEntry {
  const isPlain = typeof thing === "string" || thing instanceof Uint8Array;
  if (!isPlain && "link" in thing) return { kind: "symlink", path, target: thing.link };
  const bytes = Buffer.from(isPlain ? thing : thing.exec);
  const hash = sha256(bytes);
  contents.set(hash, bytes);
  return { kind: "file", path, size_bytes: bytes.length, hash, executable: !isPlain };
}
