// A project that a user has sent over real HTTP, and a job that runs from it, for tests.
import {
  encodeBlobHeader,
  manifestText,
  type ManifestEntry,
  type SnapshotAnswer,
} from "@fetchml/protocol";
import type { RpcFixture } from "./rpc.fixture.ts";
import { SUBMIT } from "./submit.fixture.ts";

/** What was sent. */
export interface SentProject {
  readonly jobId: number;
  readonly snapshot: string;
  /** The text of the manifest. */
  readonly manifest: string;
}

/** Lower-case hex SHA-256. */
export function sha256(content: string | Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(content).digest("hex");
}

/** Sends files, by path and sorted by it, and submits a job that runs from them. */
export async function sendProject(
  rpc: RpcFixture,
  key: string,
  files: Readonly<Record<string, string>>,
): Promise<SentProject> {
  const entries = Object.entries(files).map(([path, content]): ManifestEntry => {
    const size_bytes = Buffer.byteLength(content);
    return { kind: "file", path, size_bytes, hash: sha256(content), executable: false };
  });
  const manifest = manifestText({ version: 1, entries });
  const headers = { authorization: `Bearer ${key}` };
  const { url } = rpc;
  await fetch(`${url}/blobs`, { method: "POST", body: packed(Object.values(files)), headers });
  const sent = await fetch(`${url}/snapshots`, { method: "POST", body: manifest, headers });
  const { snapshot } = (await sent.json()) as SnapshotAnswer;
  const params = { ...SUBMIT, snapshot };
  const answer = await rpc.post({ jsonrpc: "2.0", id: 1, method: "job.submit", params }, { key });
  const { result } = (await answer.json()) as { result: { job: { id: number } } };
  return { jobId: result.job.id, snapshot, manifest };
}

/** Contents as one body of blobs. */
export function packed(contents: readonly string[]): Buffer {
  return Buffer.concat(
    contents.flatMap((content) => {
      const bytes = Buffer.from(content);
      return [encodeBlobHeader({ hash: sha256(bytes), sizeBytes: bytes.length }), bytes];
    }),
  );
}
