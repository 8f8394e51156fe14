// Tests of which contents a change needs, and what becomes of them.
import { describe, expect, test } from "bun:test";
import type { ManifestEntry } from "@fetchml/protocol";
import { contentsFor, countLines, filePatch, MOST_TEXT_BYTES } from "./file-patch.ts";
import type { TreeChange } from "./tree-changes.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function changeOf(
  old: Uint8Array | null,
  young: Uint8Array | null,
  size?: number,
): { readonly change: TreeChange; readonly patch: () => ReturnType<typeof filePatch> } {
  const entry = (content: Uint8Array): ManifestEntry => ({
    kind: "file",
    path: "a",
    size_bytes: size ?? content.length,
    hash: new Bun.CryptoHasher("sha256").update(content).digest("hex"),
    executable: false,
  });
  const before = old && entry(old);
  const after = young && entry(young);
  const change = { kind: "changed", before, after } as TreeChange;
  const hashOf = (one: ManifestEntry | null) => (one?.kind === "file" ? one.hash : "");
  const contents = {
    before: new Map(old === null ? [] : [[hashOf(before), old]]),
    after: new Map(young === null ? [] : [[hashOf(after), young]]),
  };
  return { change, patch: () => filePatch(change, contents) };
}

describe("filePatch()", () => {
  test("counts lines that came and went", () => {
    const { patch } = changeOf(bytes("a\nb\n"), bytes("a\nc\nd"));
    expect(countLines(patch())).toEqual({ added: 2, removed: 1 });
    expect(countLines(changeOf(null, bytes("a\n")).patch())).toEqual({ added: 1, removed: 0 });
  });

  test("takes a file with a NUL near its beginning for binary, on either side", () => {
    const binary = new Uint8Array([65, 0, 66]);
    for (const [old, young] of [
      [binary, bytes("a")],
      [bytes("a"), binary],
      [null, binary],
    ] as const) {
      expect(changeOf(old, young).patch()).toMatchObject({ hunks: null, without: "binary" });
    }
    const late = new Uint8Array(9000).fill(65);
    late[8500] = 0;
    expect(changeOf(null, late).patch().without).toBeNull();
  });

  test("compares bytes that are no UTF-8 one by one, both sides alike", () => {
    const { patch } = changeOf(new Uint8Array([0xe9, 10, 65, 10]), bytes("é\nA\n"));
    expect(patch()).toMatchObject({ encoding: "latin1" });
    expect(patch().hunks?.[0]?.lines.map(({ text }) => text)).toEqual(["é", "Ã©", "A"]);
  });

  test("neither fetches nor compares what is too large, and not what is the same", () => {
    const large = changeOf(bytes("a"), bytes("b"), MOST_TEXT_BYTES + 1);
    expect(contentsFor(large.change)).toEqual({ before: null, after: null });
    expect(large.patch()).toMatchObject({ hunks: null, without: "large" });
    const same = changeOf(bytes("a"), bytes("a"), MOST_TEXT_BYTES + 1);
    expect(contentsFor(same.change)).toEqual({ before: null, after: null });
    expect(same.patch()).toMatchObject({ hunks: [], without: null });
    expect(contentsFor(changeOf(bytes("a"), bytes("b")).change).before).toMatchObject({
      sizeBytes: 1,
    });
  });

  test("shows where a link leads as its content, as Git does", () => {
    const change: TreeChange = {
      kind: "changed",
      before: { kind: "symlink", path: "l", target: "a" },
      after: { kind: "symlink", path: "l", target: "b" },
    };
    expect(contentsFor(change)).toEqual({ before: null, after: null });
    const { hunks } = filePatch(change, { before: new Map(), after: new Map() });
    expect(hunks?.[0]?.lines).toMatchObject([
      { kind: "removed", text: "a", isUnended: true },
      { kind: "added", text: "b", isUnended: true },
    ]);
  });
});
