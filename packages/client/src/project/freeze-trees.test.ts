// A property: any tree freezes to the manifest that says exactly what is there.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { comparePaths, findPathClash, manifestText, type ManifestEntry } from "@fetchml/protocol";
import * as fc from "fast-check";
import { makeProject, type ProjectUnderTest } from "./project.fixture.ts";

let at: ProjectUnderTest;
beforeEach(() => {
  at = makeProject();
});
afterEach(() => at[Symbol.dispose]());

const UNITS = "a ä ß . - ~ * ? [ ] ' \" $ 日 \u{1f600} \uff5e".split(" ").concat(" ");

/** Any name that a manifest may hold, in several scripts, with spaces and marks. */
const name = fc
  .oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
    fc.string({ unit: fc.constantFrom(...UNITS), minLength: 1 }),
    fc.constantFrom("a", "b", "c.py", "x".repeat(200)),
  )
  .filter((text) => !/[/\\\p{Cc}\p{Cs}]/u.test(text) && !/^(?:\.{1,2}|\.git|\.env.*)$/i.test(text))
  .filter((text) => Buffer.byteLength(text) <= 255);
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));

const tree = fc.record({
  files: fc.uniqueArray(
    fc.record({
      path,
      content: fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.constant(new Uint8Array(70_000).fill(5)),
      ),
      mode: fc.constantFrom(0o644, 0o755, 0o600, 0o700, 0o444),
    }),
    { selector: (file) => file.path, minLength: 1, maxLength: 12 },
  ),
  links: fc.array(fc.record({ path, to: fc.nat() }), { maxLength: 3 }),
});

test("freezeProject() gives the manifest of any tree: names, executable bits, links, contents", async () => {
  await fc.assert(
    fc.asyncProperty(tree, async ({ files, links }) => {
      for (const entry of readdirSync(at.root)) rmSync(join(at.root, entry), { recursive: true });
      const expected = new Map<string, ManifestEntry>();
      const contents = new Map<string, Buffer>();
      for (const { path: file, content, mode } of files) {
        if (!isFree(expected, file)) continue;
        at.write(file, content);
        chmodSync(join(at.root, file), mode);
        const hash = new Bun.CryptoHasher("sha256").update(content).digest("hex");
        contents.set(hash, Buffer.from(content));
        const executable = (mode & 0o100) !== 0;
        expected.set(file, {
          kind: "file",
          path: file,
          size_bytes: content.length,
          hash,
          executable,
        });
      }
      for (const { path: link, to } of links) {
        const targets = [...expected.keys()];
        const target = relative(dirname(link), targets[to % targets.length] ?? "");
        if (!isFree(expected, link) || target === "") continue;
        mkdirSync(join(at.root, dirname(link)), { recursive: true });
        symlinkSync(target, join(at.root, link));
        expected.set(link, { kind: "symlink", path: link, target });
      }
      const frozen = await at.freeze();
      const { manifest, files: blobs, text } = frozen.content();
      expect(manifest.entries).toEqual(sorted([...expected.values()]));
      expect(frozen.snapshot).toBe(new Bun.CryptoHasher("sha256").update(text).digest("hex"));
      expect(text).toBe(manifestText(manifest));
      for (const [hash, content] of contents) {
        expect(content.equals(readFileSync(blobs.get(hash)?.path ?? ""))).toBe(true);
      }
      expect((await at.freeze()).content()).toEqual(frozen.content());
    }),
    { numRuns: 60 },
  );
}, 60_000);

/** Whether nothing stands there, above it or below it, nor anything that a Mac or Windows would take for it. */
function isFree(taken: ReadonlyMap<string, unknown>, wanted: string): boolean {
  if (findPathClash([...taken.keys(), wanted].toSorted(comparePaths)) !== null) return false;
  return [...taken.keys()].every(
    (one) => one !== wanted && !one.startsWith(`${wanted}/`) && !wanted.startsWith(`${one}/`),
  );
}

function sorted(entries: readonly ManifestEntry[]): ManifestEntry[] {
  return entries.toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}
