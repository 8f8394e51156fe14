// What the quick look accepts, the schema accepts too, and makes the same of it.
import { describe, expect, test } from "bun:test";
import { METHODS } from "@fetchml/protocol/schemas";
import * as fc from "fast-check";
import * as z from "zod/mini";
import { compileAccepts } from "./accepts.ts";
import { strangePath } from "./params-problem.ts";

const job = {
  name: "train",
  command: { argv: ["python", "train.py"] },
  cwd: "src",
  env: { SEED: "1" },
  resources: { gpus: 1, cpus: 4, mem_bytes: 2 ** 34 },
  timeout_ms: 3_600_000,
  no_output_ms: null,
  retries: 2,
  retry_on: ["exited", "lost"],
  begin_at: 1_800_000_000_000,
  hold: true,
  snapshot: "0".repeat(64),
  git: { commit: "a".repeat(40), branch: "main", dirty: false },
  setup: { command: "uv sync", key: ["uv.lock"] },
  mounts: ["/data/sets"],
  secrets: ["HF_TOKEN"],
  submission: "0b5a1f4e-2f1d",
};

/** Good parameters of methods, from which bad ones are made. */
const GOOD: readonly (readonly [keyof typeof METHODS, unknown])[] = [
  ["job.submit", job],
  ["job.submit", { ...job, command: { shell: "true && true", args: ["a"] }, setup: null }],
  ["job.submit", { ...job, setup: { command: "make", key: null }, git: null, snapshot: null }],
  ["job.list", { all: true, user: "alice", states: ["queued"], since: 1, limit: 10 }],
  ["job.cancel", { jobs: ["1", "train"], now: true }],
  ["job.cancel", { all: true, now: false }],
  ["job.edit", { job: "12", gpus: 1, timeout_ms: null, first: true }],
  ["key.revoke", { id: "aaaa" }],
  ["key.revoke", { user: "alice" }],
];

const EDGES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  1000,
  1025,
  2 ** 53,
  -(2 ** 53),
  1e300,
  "",
  "a",
  "1",
  "queued",
  "\0",
  "a\0b",
  "/",
  "list",
  "12",
  "aaaa",
  "x".repeat(64),
  "😀".repeat(40),
  "x".repeat(5000),
  [],
  {},
  [null],
  ["a"],
  ["a", 1],
  [["a"]],
  { argv: [] },
  { a: 1 },
  { argv: ["a"], shell: "b", args: [] },
  JSON.parse('{"__proto__":"a"}'),
  JSON.parse('{"constructor":"a","toString":"b"}'),
];

const anything = fc.oneof(fc.constantFrom(...EDGES), fc.jsonValue());
const fieldName = fc.oneof(
  fc.constantFrom(
    ...Object.keys(job),
    "jobs",
    "all",
    "now",
    "__proto__",
    "constructor",
    "argv",
    "shell",
  ),
  fc.string(),
);

/** The value with some of what is in it taken out, added or exchanged. */
function spoiled(value: unknown): fc.Arbitrary<unknown> {
  if (Array.isArray(value)) {
    const parts = fc.tuple(...value.map(spoiled));
    return fc.oneof(
      { weight: 6, arbitrary: parts },
      fc.tuple(parts, anything).map(([all, more]) => [...all, more]),
      anything,
    );
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([name, part]) =>
      spoiled(part).map((spoilt) => [name, spoilt] as const),
    );
    const kept = fc
      .tuple(...entries)
      .chain((all) => fc.subarray(all, { minLength: Math.max(0, all.length - 1) }));
    const whole = kept.map((all) => Object.fromEntries(all));
    return fc.oneof(
      { weight: 8, arbitrary: fc.tuple(...entries).map((all) => Object.fromEntries(all)) },
      { weight: 2, arbitrary: whole },
      fc.tuple(whole, fieldName, anything).map(([before, name, more]) => {
        Object.defineProperty(before, name, {
          value: more,
          enumerable: true,
          configurable: true,
          writable: true,
        });
        return before;
      }),
    );
  }
  return fc.oneof({ weight: 30, arbitrary: fc.constant(value) }, anything);
}

describe("compileAccepts()", () => {
  test.each([...GOOD])("accepts good parameters of %s", (method, params) => {
    expect(compileAccepts(METHODS[method].params)(params)).toBe(true);
  });

  test.each([...GOOD])(
    "accepts nothing of %s that the schema refuses, changes or drops a field of",
    (method, params) => {
      const schema = METHODS[method].params;
      const accepts = compileAccepts(schema);
      const seen = { accepted: 0, refused: 0 };
      fc.assert(
        fc.property(spoiled(params), (value) => {
          const parsed = schema.safeParse(value);
          if (!accepts(value)) {
            seen.refused += 1;
            return;
          }
          seen.accepted += 1;
          expect(parsed).toEqual({ success: true, data: value as never });
          expect(strangePath(value, parsed.data)).toBeNull();
        }),
        { numRuns: 1500 },
      );
      expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(20);
    },
  );

  test("accepts nothing where it does not know all that the schema may do", () => {
    const unknown = {
      "a default": z.object({ a: z.prefault(z.string(), "x") }),
      "a transformation": z.pipe(
        z.string(),
        z.transform((text) => text.length),
      ),
      "a change of the text": z.string().check(z.trim()),
      "keys that must all be there": z.record(z.enum(["a", "b"]), z.string()),
      "an intersection": z.intersection(z.object({ a: z.string() }), z.object({})),
    };
    for (const schema of Object.values(unknown)) {
      for (const value of [{ a: "x" }, "text ", {}])
        expect(compileAccepts(schema)(value)).toBe(false);
    }
  });

  test("minds the checks of an optional field and of a whole object", () => {
    const never = z.refine(() => false);
    expect(compileAccepts(z.object({ a: z.optional(z.string()).check(never) }))({ a: "x" })).toBe(
      false,
    );
    expect(compileAccepts(z.object({ a: z.string() }).check(never))({ a: "x" })).toBe(false);
    expect(compileAccepts(z.object({ a: z.string() }))({ a: "x" })).toBe(true);
  });

  test("leaves it to the schema where an earlier form of a union fits by dropping a field", () => {
    const forms = z.union([
      z.object({ a: z.string() }),
      z.object({ a: z.string(), b: z.string() }),
    ]);
    expect(compileAccepts(forms)({ a: "x" })).toBe(true);
    expect(compileAccepts(forms)({ a: "x", b: "y" })).toBe(false);
  });
});
