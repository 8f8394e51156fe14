// Tests of keeping users' secrets.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FetchmlError } from "@fetchml/protocol";
import { openSecrets, SECRET_LIMIT_BYTES, type Secrets } from "./secrets.ts";

let folder: string;
let secrets: Secrets;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fetchml-secrets-"));
  secrets = openSecrets(join(folder, "secrets"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = (user: string, name: string) => join(folder, "secrets", "users", user, name);

async function refusalOf(work: Promise<unknown>): Promise<FetchmlError> {
  const error: unknown = await work.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (!(error instanceof FetchmlError)) throw new Error(String(error));
  return error;
}

describe("openSecrets()", () => {
  test("gives back the newest value under a name, to whoever opens the folder next too", async () => {
    await secrets.set("alice", "TOKEN", "one");
    await secrets.set("alice", "TOKEN", "two ünïcode\nand a line");
    await secrets.set("alice", "OTHER", "x");
    const again = openSecrets(join(folder, "secrets"));
    expect(await again.reveal("alice", ["OTHER", "TOKEN"])).toEqual(
      new Map([
        ["OTHER", "x"],
        ["TOKEN", "two ünïcode\nand a line"],
      ]),
    );
  });

  test("keeps each user's by themselves", async () => {
    await secrets.set("alice", "TOKEN", "hers");
    expect(await secrets.list("bob")).toEqual([]);
    expect((await refusalOf(secrets.reveal("bob", ["TOKEN"]))).message).toContain("ml secret set");
    await secrets.set("bob", "TOKEN", "his");
    copyFileSync(fileOf("alice", "TOKEN"), fileOf("bob", "TOKEN"));
    expect((await refusalOf(secrets.reveal("bob", ["TOKEN"]))).message).toContain("another key");
  });

  test("lists names and times, in the order of names", async () => {
    const before = Date.now() - 1000;
    await secrets.set("alice", "B", "1");
    await secrets.set("alice", "A", "2");
    const listed = await secrets.list("alice");
    expect(listed.map(({ name }) => name)).toEqual(["A", "B"]);
    expect(listed.every(({ updatedAt }) => updatedAt >= before)).toBe(true);
  });

  test("forgets one, and all of a user", async () => {
    for (const name of ["A", "B", "C"]) await secrets.set("alice", name, name);
    expect(await secrets.remove("alice", "A")).toBe(true);
    expect(await secrets.remove("alice", "A")).toBe(false);
    expect(await secrets.remove("alice", "../../key")).toBe(false);
    expect((await secrets.list("alice")).map(({ name }) => name)).toEqual(["B", "C"]);
    await secrets.removeAll("alice");
    expect(await secrets.list("alice")).toEqual([]);
  });

  test("writes no value to the disk as it is, in files of mode 0600", async () => {
    await secrets.set("alice", "TOKEN", "a value to look for");
    const all = readdirSync(folder, { recursive: true, withFileTypes: true });
    const files = all.filter((entry) => entry.isFile());
    expect(files).toHaveLength(2);
    for (const file of files) {
      const path = join(file.parentPath, file.name);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(readFileSync(path).includes("value to look")).toBe(false);
    }
  });

  test("makes one key when many are set at once", async () => {
    const names = Array.from({ length: 40 }, (_, index) => `S${index}`);
    await Promise.all(names.map((name) => secrets.set("alice", name, name)));
    expect(await secrets.reveal("alice", names)).toEqual(
      new Map(names.map((name) => [name, name])),
    );
    expect(readdirSync(join(folder, "secrets")).toSorted()).toEqual(["key", "users"]);
  });

  test("says what to do when the box's key is another one", async () => {
    await secrets.set("alice", "TOKEN", "x");
    writeFileSync(join(folder, "secrets", "key"), Buffer.alloc(32));
    const refusal = await refusalOf(secrets.reveal("alice", ["TOKEN"]));
    expect([refusal.code, refusal.message]).toEqual([
      "conflict",
      expect.stringContaining('Set it again with "ml secret set TOKEN"'),
    ]);
  });

  test("refuses names and values that no variable can have, and does not repeat the value", async () => {
    for (const name of ["", "1A", "A-B", "../A", "a b", "A".repeat(65), "A\0"]) {
      expect((await refusalOf(secrets.set("alice", name, "value"))).code).toBe("invalid-params");
    }
    for (const value of ["", "hidden\0", "hidden".repeat(SECRET_LIMIT_BYTES)]) {
      const refusal = await refusalOf(secrets.set("alice", "TOKEN", value));
      expect(refusal.code).toBe("invalid-params");
      expect(refusal.message).not.toContain("hidden");
    }
    expect(await secrets.list("alice")).toEqual([]);
  });
});

describe("keep() and kept()", () => {
  const place = () => join(folder, "attempt");

  test("keep values whatever becomes of the secrets, for their context alone", async () => {
    await secrets.keep(place(), "attempt/12.2", ["one value", "x"]);
    const again = openSecrets(join(folder, "secrets"));
    expect(await again.kept(place(), "attempt/12.2")).toEqual(["one value", "x"]);
    expect((await refusalOf(again.kept(place(), "attempt/12.1"))).code).toBe("conflict");
    expect(readFileSync(place()).includes("one value")).toBe(false);
    expect(await again.kept(`${place()}.absent`, "attempt/12.2")).toEqual([]);
  });

  test("refuse to say that there are none when the key is gone", async () => {
    await secrets.keep(place(), "attempt/1.1", ["one value"]);
    rmSync(join(folder, "secrets", "key"));
    expect((await refusalOf(secrets.kept(place(), "attempt/1.1"))).code).toBe("conflict");
  });
});
