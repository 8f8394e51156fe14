// Searches what tests leave behind for the keys that the tests' own servers have issued, and for their hashes.

import { Database } from "bun:sqlite";
import { closeSync, lstatSync, openSync, readdirSync, readSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { hashApiKey } from "@fetchml/protocol";
import { findKeys, LONGEST_FORM } from "./find-keys.ts";

/** The database of a server, what SQLite keeps beside it, and a backup with its copy: the only files with hashes. */
const DATABASE = /^(?:fetchml\.db(?:-wal|-shm|-journal|\.bak)?|[\w-]+\.backup\.tar)$/;

/** Where an issued key may be, and nowhere else. What follows a folder of a server's data is never among them. */
const KEY_PLACES = [
  // A user's own config, and what a write of it that was killed has left.
  /\/\.ml\/config\.toml(?:\.[0-9a-f-]{36}\.tmp)?$/,
  // Put into alice's project by a test, to see that it is not sent.
  /\/home\/alice\/(?:leaky|secrets)\/notes\.txt$/,
];

/** The test vector of the key format. Everybody knows it, and tests import it as a key that was issued elsewhere. */
const TEST_VECTOR = "fetchml_kpazxttmnfwpqvn7htakzj9hnk67xw0errda";

/**
 * Looks at folders, one after the other, and knows at the end what lies in a wrong place. A key counts when a database that was
 * seen has its hash: then a server of the tests has issued or imported it. Sample keys of the tests, which open nothing, do not.
 */
export class SecretSearch {
  readonly #issued = new Set<string>();
  /** Places by the hash of the key, or by the hash itself. */
  readonly #keyPlaces = new Map<string, Set<string>>();
  readonly #hashPlaces = new Map<string, Set<string>>();
  #files = 0;
  #bytes = 0;

  /** How much was looked at. */
  get extent(): { readonly files: number; readonly bytes: number; readonly issued: number } {
    return { files: this.#files, bytes: this.#bytes, issued: this.#issued.size };
  }

  /** Looks at a file, or at every regular file under a folder; links are not followed. */
  look(path: string): void {
    const files = filesUnder(path);
    const hashes = files
      .filter((file) => basename(file) === "fetchml.db")
      .flatMap((file) => hashesIn(file));
    for (const hash of hashes) this.#issued.add(hash);
    this.#issued.delete(hashApiKey(TEST_VECTOR));
    const needles = hashes.map((hash) => ({ hash, forms: formsOfHash(hash) }));
    for (const file of files) this.#lookAt(file, { place: relative(tmpdir(), file), needles });
  }

  /** What lies where it should not, a line each, without any secret. */
  findings(): readonly string[] {
    const tell = (what: (hash: string) => string, places: Map<string, Set<string>>) =>
      [...places]
        .filter(([hash]) => this.#issued.has(hash))
        .flatMap(([hash, at]) => [...at].map((place) => `${what(hash)} in ${place}`));
    return [
      ...tell(() => "an issued key", this.#keyPlaces),
      ...tell(() => "the hash of an issued key", this.#hashPlaces),
    ].toSorted();
  }

  #lookAt(
    path: string,
    { place, needles }: { readonly place: string; readonly needles: readonly Needle[] },
  ): void {
    this.#files += 1;
    const isDatabase = DATABASE.test(basename(path));
    const mayHoldKey = KEY_PLACES.some((pattern) => pattern.test(path));
    for (const bytes of piecesOf(path)) {
      this.#bytes += bytes.length;
      if (!mayHoldKey) {
        for (const key of findKeys(bytes)) note(this.#keyPlaces, hashApiKey(key), place);
      }
      if (isDatabase) continue;
      for (const { hash, forms } of needles) {
        if (forms.some((form) => bytes.includes(form))) note(this.#hashPlaces, hash, place);
      }
    }
  }
}

interface Needle {
  readonly hash: string;
  readonly forms: readonly Buffer[];
}

function note(places: Map<string, Set<string>>, hash: string, place: string): void {
  places.set(hash, (places.get(hash) ?? new Set()).add(place));
}

function formsOfHash(hash: string): readonly Buffer[] {
  const raw = Buffer.from(hash, "hex");
  // The last group of base64 depends on what follows.
  const base64 = raw.toString("base64").slice(0, 40);
  return [raw, Buffer.from(hash), Buffer.from(hash.toUpperCase()), Buffer.from(base64)];
}

/** Hashes of all keys in a database; none where it is broken, or of a time before there were keys. */
function hashesIn(path: string): readonly string[] {
  try {
    using db = new Database(path);
    const rows = db.query<{ api_key_hash: string }, []>("SELECT api_key_hash FROM api_keys").all();
    return rows.map((row) => row.api_key_hash);
  } catch {
    return [];
  }
}

const PIECE = 16 * 1_048_576;

/** The file in pieces that overlap by more than the longest form of a key; one that cannot be read has none. */
function* piecesOf(path: string): Generator<Buffer> {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return;
  }
  try {
    const overlap = LONGEST_FORM + 4;
    for (let at = 0; ; at += PIECE - overlap) {
      const buffer = Buffer.allocUnsafe(PIECE);
      const length = readSync(file, buffer, 0, PIECE, at);
      yield buffer.subarray(0, length);
      if (length < PIECE) return;
    }
  } finally {
    closeSync(file);
  }
}

function filesUnder(path: string): readonly string[] {
  let entries;
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch {
    // A single file, or nothing at all.
    return isFile(path) ? [path] : [];
  }
  return entries.flatMap((entry) => {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) return filesUnder(inside);
    return entry.isFile() ? [inside] : [];
  });
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
