// Tests of the method table as a whole.
import { describe, expect, test } from "bun:test";
import { toJSONSchema } from "zod/mini";
import { ROLES } from "../role.ts";
import { adminMethods } from "./admin-methods.ts";
import { drainMethods } from "./drain-methods.ts";
import { execMethods } from "./exec-methods.ts";
import { jobMethods } from "./job-methods.ts";
import { logMethods } from "./log-methods.ts";
import type { Access, Method } from "./method.ts";
import { outputMethods } from "./output-methods.ts";
import { ownKeyMethods } from "./own-key-methods.ts";
import { redoMethods } from "./redo-methods.ts";
import { retentionMethods } from "./retention-methods.ts";
import { secretMethods } from "./secret-methods.ts";
import { serverMethods } from "./server-methods.ts";
import { METHODS } from "./table.ts";

const TABLE: Readonly<Record<string, Method>> = METHODS;

describe("METHODS", () => {
  test("loses no method where its parts meet", () => {
    const parts = [
      serverMethods,
      jobMethods,
      redoMethods,
      execMethods,
      logMethods,
      outputMethods,
      ownKeyMethods,
      secretMethods,
      retentionMethods,
      drainMethods,
      adminMethods,
    ];
    const names = parts.flatMap((part) => Object.keys(part));
    expect(new Set(names).size).toBe(names.length);
    expect(Object.keys(TABLE)).toEqual(names);
  });

  for (const [name, method] of Object.entries(TABLE)) {
    test(`${name} is named noun.verb, has access, schemas that can be shown and one line of summary`, () => {
      expect(name).toMatch(/^[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*$/);
      expect([...ROLES, "local"]).toContain(method.access);
      expect(method.summary).toMatch(/^[A-Z].*\.$/);
      expect(method.summary).not.toContain("\n");
      expect(toJSONSchema(method.params, { io: "input" })).toBeObject();
      expect(toJSONSchema(method.result)).toBeObject();
    });

    test(`${name} takes its parameters as an object and nothing else`, () => {
      for (const wrong of [null, undefined, [], "x", 1, true]) {
        expect(method.params.safeParse(wrong).success).toBe(false);
      }
    });
  }

  test("lets a viewer only look, and mind the own keys", () => {
    expect(methodsFor("viewer")).toEqual([
      "job.get",
      "job.list",
      "job.subscribe",
      "job.why",
      "log.read",
      "log.subscribe",
      "output.list",
      "own-key.list",
      "own-key.rotate",
      "rpc.discover",
      "server.limits",
      "server.status",
      "subscription.end",
      "user.whoami",
    ]);
  });

  test("lets a member change jobs", () => {
    expect(methodsFor("member")).toEqual([
      "exec.read",
      "exec.signal",
      "exec.start",
      "exec.write",
      "job.cancel",
      "job.edit",
      "job.hold",
      "job.pin",
      "job.redo",
      "job.release",
      "job.submit",
      "job.unpin",
      "secret.list",
      "secret.remove",
      "secret.set",
    ]);
  });

  test("keeps users, keys and the audit for the admin on the box", () => {
    expect(methodsFor("admin")).toEqual([]);
    const others = ["gc.show", "gc.start", "server.drain", "server.resume"];
    expect(methodsFor("local")).toEqual([...Object.keys(adminMethods), ...others].toSorted());
    for (const name of Object.keys(adminMethods)) expect(name).toMatch(/^(?:user|key|audit)\./);
  });
});

function methodsFor(access: Access): readonly string[] {
  return Object.keys(TABLE)
    .filter((name) => TABLE[name]?.access === access)
    .toSorted();
}
