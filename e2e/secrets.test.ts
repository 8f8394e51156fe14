// A person's secrets for jobs, through the compiled programs.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openBox, type Box, type Person } from "./box.ts";

let box: Box;
let alice: Person;

beforeAll(async () => {
  box = await openBox();
  alice = await box.addPerson("alice");
});

afterAll(() => box.close());

test("ml secret set reads standard input, list names it, rm forgets it", async () => {
  const set = await alice.ml(["secret", "set", "HF_TOKEN"], { input: "hf_secret_value\n" });
  expect([set.code, set.stdout]).toEqual([0, ""]);
  expect(set.stderr).toContain("The box keeps HF_TOKEN");
  const listed = await alice.ml(["secret", "list", "--json"]);
  expect(JSON.parse(listed.stdout)).toEqual([{ name: "HF_TOKEN", updated_at: expect.any(Number) }]);
  expect((await alice.ml(["secret", "list"])).stdout).toContain("HF_TOKEN");
  expect((await alice.ml(["secret", "rm", "HF_TOKEN"])).code).toBe(0);
  expect((await alice.ml(["secret", "rm", "HF_TOKEN"])).code).toBe(6);
  expect(set.stderr + listed.stdout + box.log).not.toContain("hf_secret_value");
});

test("ml secret set refuses nothing at all and a name that no variable has", async () => {
  expect((await alice.ml(["secret", "set", "HF_TOKEN"], { input: "\n" })).code).toBe(2);
  const refused = await alice.ml(["secret", "set", "HF-TOKEN"], { input: "hf_secret_value" });
  expect(refused.code).toBe(2);
  expect(refused.stderr).not.toContain("hf_secret_value");
});

test("ml secret set judges the name before it asks for the value", async () => {
  for (const name of ["1BAD", "HF-TOKEN", "A".repeat(65)]) {
    const refused = await alice.ml(["secret", "set", name], { input: "" });
    expect([refused.code, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain(`"${name}" cannot be the name of a secret`);
    expect(refused.stderr).toContain("such as HF_TOKEN");
    expect(refused.stderr).not.toContain("Nothing was given");
  }
});
