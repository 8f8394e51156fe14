// A small data folder for tests, backups of it, and archives with whatever a hostile hand would put into them.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openSecrets } from "../secrets/secrets.ts";
import { snapshotFolder } from "../snapshots/snapshot-folder.ts";
import { insertJob } from "../store/jobs-write.ts";
import { openStore } from "../store/open-store.ts";
import { recordBlobs, recordSnapshot } from "../store/snapshot-holders.ts";
import { newJob, openTempFolder } from "../store/store.fixture.ts";
import { insertUser } from "../store/users.ts";
import { openArchive } from "./archive-reader.ts";
import { sumLine } from "./archive-writer.ts";
import { makeBackup, type BackupOptions, type MadeBackup } from "./make-backup.ts";
import { restoreBackup, type Restored, type RestoreOptions } from "./restore-backup.ts";
import { BLOCK_BYTES, formatHeader, paddingOf } from "./tar-header.ts";

/** When all of a test happens. */
export const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

/** The value of alice's secret `HF_TOKEN`. */
export const SECRET = "hf_secret_value_of_alice";

/** A data folder and a place for backups of it. */
export interface TestData {
  readonly dataDir: string;
  /** Where backups and restored folders go. */
  readonly folder: string;
  /** The code of a job that has ended, and of one that has not. */
  readonly ended: StoredCode;
  readonly queued: StoredCode;
  backup(options?: Partial<BackupOptions>): Promise<MadeBackup>;
  restore(file: string, options?: Partial<RestoreOptions>): Promise<Restored>;
  /** Where {@link restore} restores to unless told otherwise. */
  readonly restored: string;
  remove(): void;
}

/** A snapshot of one file. */
export interface StoredCode {
  readonly snapshot: string;
  readonly blob: string;
}

/** Makes a data folder with a user, a secret, an ended, a queued and a running job. */
export async function openTestData(): Promise<TestData> {
  const temp = openTempFolder();
  const dataDir = join(temp.path, "data");
  mkdirSync(dataDir);
  const ended = storeCode(dataDir, "print('ended')\n");
  const queued = storeCode(dataDir, "print('queued')\n");
  const db = openStore(dataDir, 0);
  db.transact(() => {
    const userId = insertUser(db, { name: "alice", role: "member", created_at: 1 });
    for (const { snapshot, blob } of [ended, queued]) {
      recordBlobs(db, userId, [blob]);
      recordSnapshot(db, userId, { id: snapshot, created_at: 1, file_count: 1, size_bytes: 15 });
    }
    insertJob(db, newJob({ user_id: userId, snapshot: ended.snapshot }));
    insertJob(db, newJob({ user_id: userId, snapshot: queued.snapshot }));
    insertJob(db, newJob({ user_id: userId }));
    db.run(
      `UPDATE jobs SET state = 'succeeded', ended_at = 5, outcome = '{"kind":"exited","exit_code":0}' WHERE id = 1`,
    );
    db.run("UPDATE jobs SET state = 'running', attempt = 1, started_at = 4 WHERE id = 3");
    db.run("INSERT INTO attempts (job_id, number, started_at, gpu_uuids) VALUES (3, 1, 4, '[]')");
  });
  db.close();
  await openSecrets(join(dataDir, "secrets")).set("alice", "HF_TOKEN", SECRET);
  const configPath = join(temp.path, "config.toml");
  writeFileSync(configPath, "cpus = 2\n");
  const restored = join(temp.path, "restored");
  return {
    dataDir,
    folder: temp.path,
    ended,
    queued,
    restored,
    backup: (options) =>
      makeBackup({
        dataDir,
        configPath,
        file: join(temp.path, "fetchml.backup.tar"),
        force: true,
        withBlobs: false,
        withSecrets: false,
        now: () => AT,
        signal: new AbortController().signal,
        onProgress: () => undefined,
        ...options,
      }),
    restore: async (file, options) => {
      const archive = openArchive(file);
      try {
        return await restoreBackup({
          archive,
          dataDir: restored,
          revokeAllKeys: false,
          now: () => AT,
          actor: "root",
          signal: new AbortController().signal,
          onProgress: () => undefined,
          ...options,
        });
      } finally {
        archive.close();
      }
    },
    remove: () => temp.remove(),
  };
}

function storeCode(dataDir: string, text: string): StoredCode {
  const folder = snapshotFolder(join(dataDir, "snapshots"));
  const blob = hashOf(text);
  const manifest = `{"files":[{"hash":"${blob}","path":"train.py"}]}`;
  write(folder.blob(blob), text);
  write(folder.manifest(hashOf(manifest)), manifest);
  return { snapshot: hashOf(manifest), blob };
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Lower-case hex SHA-256. */
export function hashOf(bytes: string | Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
}

/** The members of an archive, one after the other. */
export function membersOf(archive: Buffer): { readonly name: string; readonly bytes: Buffer }[] {
  const members = [];
  for (let at = 0; archive[at] !== 0;) {
    const [prefix, name] = [345, 0].map(
      (from) => archive.toString("latin1", at + from, at + from + 100).split("\0")[0] ?? "",
    );
    const size = Number.parseInt(archive.toString("latin1", at + 124, at + 135), 8);
    const bytes = archive.subarray(at + BLOCK_BYTES, at + BLOCK_BYTES + size);
    members.push({ name: prefix === "" ? (name ?? "") : `${prefix}/${name}`, bytes });
    at += BLOCK_BYTES + size + paddingOf(size);
  }
  return members;
}

/** A member as a hostile hand makes it. */
export interface ForgedMember {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Changes the header, whose checksum is then made right again. */
  readonly change?: (header: Buffer) => void;
}

/** An archive of these members whose hashes and checksums are all right. */
export function forgeArchive(members: readonly ForgedMember[]): Buffer {
  const sums = members.map(({ name, bytes }) => sumLine(name, hashOf(bytes))).join("");
  const all = [...members, { name: "SHA256SUMS", bytes: Buffer.from(sums) }];
  return Buffer.concat([...all.flatMap(forgeMember), Buffer.alloc(2 * BLOCK_BYTES)]);
}

function forgeMember({ name, bytes, change }: ForgedMember): readonly Uint8Array[] {
  const header = formatHeader({ name, sizeBytes: bytes.length, mtimeMs: AT });
  if (change !== undefined) {
    change(header);
    header.fill(" ", 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  }
  return [header, bytes, Buffer.alloc(paddingOf(bytes.length))];
}
