// Parameters are checked, and what is wrong is said in one line.
import { describe, expect, test } from "bun:test";
import { FetchmlError, type MethodName } from "@fetchml/protocol";
import { parseParams } from "./params.ts";

const job = {
  name: "train",
  command: { argv: ["true"] },
  cwd: "",
  env: {},
  resources: { gpus: 0, cpus: 1, mem_bytes: 0 },
  timeout_ms: null,
  retries: 0,
  begin_at: null,
  hold: false,
  snapshot: null,
};

function problem(method: MethodName, params: unknown): string {
  try {
    parseParams(method, params);
  } catch (error) {
    if (!(error instanceof FetchmlError)) throw error;
    expect(error.code).toBe("invalid-params");
    return error.message;
  }
  throw new Error("it was accepted");
}

describe("parseParams()", () => {
  test("takes what the table describes", () => {
    expect(parseParams("job.submit", job)).toEqual(
      job as ReturnType<typeof parseParams<"job.submit">>,
    );
    expect(parseParams("job.cancel", { all: true })).toEqual({ all: true });
    expect(parseParams("key.revoke", { user: "alice" })).toEqual({ user: "alice" });
  });

  test("takes no parameters for an empty object", () => {
    expect(parseParams("user.list", undefined)).toEqual({});
  });

  const cases: readonly (readonly [MethodName, unknown, string])[] = [
    [
      "job.submit",
      { ...job, resources: { ...job.resources, cpus: 0 } },
      "resources.cpus: expected a number of at least 1",
    ],
    [
      "job.submit",
      { ...job, resources: { ...job.resources, gpus: 0.5 } },
      "resources.gpus: expected a whole number",
    ],
    [
      "job.submit",
      { ...job, resources: { ...job.resources, cpus: "2" } },
      "resources.cpus: expected a number",
    ],
    ["job.submit", { ...job, resources: { gpus: 0, cpus: 1 } }, "resources.mem_bytes: is missing"],
    [
      "job.submit",
      { ...job, resources: { ...job.resources, vram: 1 } },
      "resources.vram: does not belong here",
    ],
    ["job.submit", { ...job, name: "../x" }, 'name: job name "../x" may hold only letters'],
    ["job.submit", { ...job, name: "list" }, 'name: job name "list" is a reserved word'],
    [
      "job.submit",
      { ...job, command: { argv: [] } },
      "command.argv: expected a list with a length of at least 1",
    ],
    [
      "job.submit",
      { ...job, command: { shell: "true" } },
      "command: argv is missing, or args is missing",
    ],
    ["job.submit", { ...job, command: "true" }, "command: expected an object."],
    ["job.submit", { ...job, env: { "1X": "a" } }, "env.1X: a variable's name holds letters"],
    ["job.submit", { ...job, env: { X: 1 } }, "env.X: expected text"],
    ["job.submit", { ...job, timeout_ms: undefined }, "timeout_ms: is missing"],
    [
      "job.submit",
      JSON.parse(JSON.stringify(job).replace('"env":{}', '"env":{"__proto__":"a"}')),
      "env.__proto__: does not belong here",
    ],
    ["job.list", { limit: 5000 }, "limit: expected a number of at most 1000"],
    ["job.list", { everone: true }, "everone: does not belong here"],
    ["job.list", { states: ["done"] }, 'states.0: expected "queued", "starting"'],
    ["job.cancel", {}, "jobs is missing, or all is missing"],
    ["job.cancel", { jobs: [] }, "jobs: expected a list with a length of at least 1"],
    ["job.cancel", { all: false }, "all: expected true"],
    ["job.cancel", { all: true, jobs: ["1"] }, "all: does not belong here"],
    ["job.get", { job: "x".repeat(81) }, "job: expected text with a length of at most 80"],
    ["user.add", { user: "Alice", role: "member" }, "user: a user name is 1 to 32 of"],
    ["user.add", { user: "alice", role: "boss" }, 'role: expected "viewer", "member", "admin"'],
    ["key.revoke", { id: "iiii" }, "id: a key's id is four symbols"],
    ["key.revoke", {}, "id is missing, or user is missing"],
    ["job.get", ["12"], "parameters are given by name, as an object"],
  ];
  for (const [method, params, expected] of cases) {
    test(`refuses ${method} ${JSON.stringify(params).slice(0, 60)} with the words "${expected}"`, () => {
      const message = problem(method, params);
      expect(message).toStartWith(`Cannot call ${method}: ${expected}`);
      expect(message).not.toContain("\n");
    });
  }

  test("shortens a long name in what it says", () => {
    expect(problem("user.list", { ["x".repeat(50_000)]: 1 }).length).toBeLessThan(200);
  });
});
