// Tests of which names users and jobs may have.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  ENV_NAME,
  isReservedJobName,
  JOB_NAME,
  jobNameProblem,
  KEY_LABEL,
  nearestUserName,
  RESERVED_JOB_NAMES,
  USER_NAME,
} from "./names.ts";

const RESERVED = "ls list status show log logs clear pause resume help cancel rm top watch".split(
  " ",
);

describe("jobNameProblem()", () => {
  for (const word of RESERVED) {
    test(`refuses the reserved word ${word}`, () => {
      expect(jobNameProblem(word)).toBe("is a reserved word");
    });
  }

  test("accepts a reserved word as a part of a name, and in capitals", () => {
    for (const name of ["list2", "my-list", "top.1", "LIST"])
      expect(jobNameProblem(name)).toBeNull();
  });

  test("accepts what the documentation shows", () => {
    for (const name of ["my-training-job", "a", "0x1", "1e5", "A.b_C-d", "x".repeat(63)]) {
      expect([name, jobNameProblem(name)]).toEqual([name, null]);
    }
  });

  test("accepts words that every object inherits", () => {
    for (const name of ["constructor", "toString", "valueOf"]) {
      expect(jobNameProblem(name)).toBeNull();
    }
  });

  test("refuses all digits, which would look like an id", () => {
    for (const name of ["0", "12", "9".repeat(63)]) {
      expect(jobNameProblem(name)).toContain("all digits");
    }
  });

  test("refuses 64 characters", () => {
    expect(jobNameProblem("x".repeat(64))).toContain("longer than 63");
  });

  test("refuses what could be a path, an option, a reference or two words", () => {
    const bad = [
      "",
      "../a",
      "a/b",
      ".a",
      "-a",
      "_a",
      "a b",
      " a",
      "a\n",
      "@",
      "@~1",
      "12#2",
      "ä",
      "a\0",
    ];
    for (const name of bad) expect([name, jobNameProblem(name)]).not.toEqual([name, null]);
  });

  test("accepts any other text only when it has the form of JOB_NAME", () => {
    const anyText = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.stringMatching(/^[\w.@#~/-]{0,70}$/),
    );
    fc.assert(
      fc.property(anyText, (name) => {
        if (jobNameProblem(name) !== null) return;
        expect(name).toMatch(JOB_NAME);
        expect(name).not.toMatch(/^\d*$/);
        expect(RESERVED).not.toContain(name);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("RESERVED_JOB_NAMES", () => {
  test("holds the fourteen words that the documentation names", () => {
    expect(Object.keys(RESERVED_JOB_NAMES).toSorted()).toEqual(RESERVED.toSorted());
  });

  test("prints the queue for ls and list, and names the right command for the others", () => {
    for (const [word, instead] of Object.entries(RESERVED_JOB_NAMES)) {
      if (word === "ls" || word === "list") expect(instead).toBeNull();
      else expect(instead).toStartWith("ml ");
    }
  });
});

describe("isReservedJobName()", () => {
  test("is not fooled by what every object inherits", () => {
    for (const word of ["constructor", "__proto__", "toString"]) {
      expect(isReservedJobName(word)).toBe(false);
    }
  });
});

describe("USER_NAME", () => {
  test("accepts 1 to 32 lower-case characters", () => {
    for (const name of ["a", "0", "alice", "a.b_c-d", "x".repeat(32)])
      expect(name).toMatch(USER_NAME);
  });

  test("refuses capitals, paths, longer names and those that begin with a sign", () => {
    for (const name of ["", "Alice", "x".repeat(33), ".a", "-a", "_a", "a/b", "..", "a b", "a\n"]) {
      expect(name).not.toMatch(USER_NAME);
    }
  });
});

describe("nearestUserName()", () => {
  const cases: readonly (readonly [string, string | null])[] = [
    ["Alice", "alice"],
    ["alice", "alice"],
    [" alice ", "alice"],
    ["alice@example.org", "alice"],
    ["@alice", "alice"],
    ["Alice B. Smith", "alice-b.-smith"],
    ["Zoë", "zoe"],
    ["-x", "x"],
    ["a/../b", "a-..-b"],
    ["x".repeat(80), "x".repeat(32)],
    ["Иван", null],
    ["", null],
    ["@", null],
    ["..", null],
  ];
  for (const [text, name] of cases) {
    test(`takes ${JSON.stringify(text)} for ${name ?? "no name"}`, () => {
      expect(nearestUserName(text)).toBe(name);
    });
  }

  test("answers a name that a user may have, or none, for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const name = nearestUserName(text);
        if (name !== null) expect(name).toMatch(USER_NAME);
      }),
    );
  });
});

describe("ENV_NAME", () => {
  test("accepts what a shell calls a name, and nothing else", () => {
    for (const name of ["A", "_", "a1_B"]) expect(name).toMatch(ENV_NAME);
    for (const name of ["", "1A", "A-B", "A=B", "A B", "A\n", "Ä"])
      expect(name).not.toMatch(ENV_NAME);
  });
});

describe("KEY_LABEL", () => {
  for (const label of ["laptop", "x", "x".repeat(64), "Zoë's laptop", "学校の机", "👩‍💻", " a "]) {
    test(`is met by ${JSON.stringify(label)}`, () => {
      expect(KEY_LABEL.test(label)).toBe(true);
    });
  }

  for (const label of [
    "",
    "   ",
    "\u00a0",
    "x".repeat(65),
    "a\nb",
    "a\tb",
    "\u001b[2Jgone",
    "a\u0000",
    "\u009b31m",
    "\u007f",
    "\u202egnip",
    "a\u2066b",
    "a\u2028b",
    "a\u200bb",
    "\ufeffa",
    "\ud800",
  ]) {
    test(`is not met by ${JSON.stringify(label)}`, () => {
      expect(KEY_LABEL.test(label)).toBe(false);
    });
  }
});
