// Somebody with a key of their own guesses ids and names of another's jobs: nothing is told that is not everybody's, nothing changes.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { METHODS } from "@fetchml/protocol/schemas";
import * as z from "zod/mini";
import { openBox, type Box, type Person } from "./box.ts";

/** Stands in alice's command, in its environment and in what it prints. */
const SECRET = "only-alice-knows";

let box: Box;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
  bob = await box.addPerson("bob");
  const command = ["sh", "-c", `echo ${SECRET}`];
  const held = await alice.ml([
    "queue",
    "hers",
    "--hold",
    "--env",
    `TOKEN=${SECRET}`,
    "--",
    ...command,
  ]);
  expect(held.code, held.stderr).toBe(0);
  const ran = await alice.ml(["run", "done", "--", ...command]);
  expect([ran.code, ran.stdout], ran.stderr).toEqual([0, `${SECRET}\n`]);
});
afterAll(() => box.close());

interface Heard {
  readonly result?: unknown;
  readonly error?: { readonly data?: { readonly code?: string } };
}

/** Makes one call on a WebSocket of its own; resolves with the answer, and all that came until then. */
async function ask(
  person: Person,
  method: string,
  params: unknown,
): Promise<{ readonly answer: Heard; readonly text: string }> {
  const socket = new WebSocket(box.url, { headers: { authorization: `Bearer ${person.apiKey}` } });
  let text = "";
  const answer = await new Promise<Heard>((resolve, reject) => {
    socket.addEventListener("open", () =>
      socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params })),
    );
    socket.addEventListener("error", () => reject(new Error(`no answer to ${method}`)));
    socket.addEventListener("message", ({ data }) => {
      text += String(data);
      const frame = JSON.parse(String(data));
      if (frame.id === 1) resolve(frame);
    });
  });
  socket.close();
  return { answer, text };
}

/** Parameters that fit the method and name this job, for every form of the method that names one. */
function callsAbout(job: string): readonly (readonly [string, Record<string, unknown>])[] {
  return Object.entries(METHODS).flatMap(([method, { params }]) => {
    const schema = z.toJSONSchema(params, { unrepresentable: "any" });
    const forms = (schema.anyOf ?? [schema]) as readonly {
      readonly properties?: Readonly<Record<string, unknown>>;
      readonly required?: readonly string[];
    }[];
    return forms.flatMap(({ properties = {}, required = [] }) => {
      if (!("job" in properties) && !("jobs" in properties)) return [];
      const usual = required.map((name) => [name, USUAL[name] ?? {}]);
      const given = { ...Object.fromEntries(usual), ...CHANGES[method] };
      const call = "job" in properties ? { ...given, job } : { ...given, jobs: [job] };
      return [[method, call] as const];
    });
  });
}

/** Values of parameters that a call cannot do without, or would do nothing without. */
const USUAL: Readonly<Record<string, unknown>> = { offset: 0, attempt: 1 };
const CHANGES: Readonly<Record<string, object>> = { "job.edit": { cpus: 1, first: true } };

const shown = async () => {
  const jobs = ["hers", "done"].map((job) => alice.ml(["show", job, "--json"]));
  return (await Promise.all(jobs)).map(({ stdout }) => JSON.parse(stdout));
};

describe("a member with the id of another's job", () => {
  test("finds nothing of its command, environment, log, code or outputs, whatever the method", async () => {
    for (const job of ["1", "2", "1#1", "2#1"]) {
      for (const [method, params] of callsAbout(job)) {
        const { answer, text } = await ask(bob, method, params);
        expect(text, `${method} ${job}`).not.toContain(SECRET);
        expect(answer.error?.data?.code, method).not.toBe("internal-error");
      }
    }
    // The same calls by their owner do tell.
    expect((await ask(alice, "job.get", { job: "1" })).text).toContain(SECRET);
    expect(callsAbout("1").length).toBeGreaterThan(8);
  });

  test("changes nothing of it", async () => {
    const before = await shown();
    for (const job of ["1", "2"]) {
      for (const [method, params] of callsAbout(job)) {
        if (METHODS[method as keyof typeof METHODS].access !== "member") continue;
        const { answer } = await ask(bob, method, params);
        expect(answer.result, `${method} ${job}`).toBeUndefined();
      }
    }
    expect(await shown()).toEqual(before);
    expect(JSON.parse((await bob.ml(["list", "--all", "--json"])).stdout)).toEqual([]);
  });

  test("is answered about its name as about one that does not exist", async () => {
    for (const [method, params] of callsAbout("hers")) {
      const about = (name: string) => JSON.parse(JSON.stringify(params).replace("hers", name));
      const theirs = await ask(bob, method, params);
      const nobodys = await ask(bob, method, about("none"));
      expect(theirs.answer.error?.data?.code, method).toBe(nobodys.answer.error?.data?.code ?? "");
    }
  });
});
