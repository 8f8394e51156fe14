// Tests of how a change of a manifest is written.
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { manifestText } from "./manifest-bytes.ts";
import { CHANGE_START, manifestChangeText } from "./manifest-change.ts";
import { ManifestChange } from "./snapshot.ts";

const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
const path = fc.string({ unit: "binary", minLength: 1, maxLength: 20 });

const anyChange: fc.Arbitrary<ManifestChange> = fc.record({
  version: fc.constant(1 as const),
  base: hash,
  snapshot: hash,
  removed: fc.array(path),
  entries: fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant("file" as const),
        path,
        size_bytes: fc.nat(),
        hash,
        executable: fc.boolean(),
      }),
      fc.record({ kind: fc.constant("symlink" as const), path, target: path }),
    ),
  ),
});

test("manifestChangeText() is JSON of the same change, and begins as no manifest does", () => {
  fc.assert(
    fc.property(anyChange, (change) => {
      const text = manifestChangeText(change);
      expect(ManifestChange.parse(JSON.parse(text))).toEqual(change);
      expect(text).toStartWith(CHANGE_START);
      const { entries } = change;
      expect(manifestText({ version: 1, entries })).not.toStartWith(CHANGE_START);
    }),
  );
});
