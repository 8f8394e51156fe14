// What the admin types wrong about users and keys is answered with what to type instead, and a pasted key is never shown again.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openBox, type Box, type Ended } from "./box.ts";

let box: Box;
let key: string;
let id: string;

beforeAll(async () => {
  box = await openBox();
  await box.admin(["user", "add", "alice"]);
  key = await issue();
  id = key.slice(8, 12);
});
afterAll(() => box.close());

async function issue(): Promise<string> {
  return (await box.admin(["key", "issue", "alice"])).stdout.trim();
}

/** Checks what every refusal is: short, for a person, without any of the key. */
async function refused(args: readonly string[], code = 2): Promise<string> {
  const ended: Ended = await box.admin(args);
  expect(ended, args.join(" ")).toMatchObject({ code, stdout: "" });
  expect(ended.stderr).not.toMatch(/Cannot call|fault of the program/);
  expect(ended.stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(3);
  expect(ended.stderr.toLowerCase()).not.toContain(key.slice(14, 24));
  return ended.stderr;
}

const MISTYPED_NAMES: readonly (readonly [string, string | null])[] = [
  ["Alice", "alice"],
  ["al ice", "al-ice"],
  ["alice@example.org", "alice"],
  ["Zoë", "zoe"],
  ["x".repeat(40), "x".repeat(32)],
  ["", null],
  ["Иван", null],
];

describe("a user's name that is none", () => {
  for (const [name, near] of MISTYPED_NAMES) {
    test(`${JSON.stringify(name)} is told the rule, and ${near ?? "no name"} to type instead`, async () => {
      const said = await refused(["user", "add", name]);
      expect(said).toContain("1 to 32 small letters, digits");
      expect(said.includes("Try:")).toBe(near !== null);
      if (near !== null) expect(said).toEndWith(`Try: fetchml user add ${near}\n`);
    });
  }

  test("is told so by every command that takes one, with that command to type instead", async () => {
    for (const before of [
      ["user", "disable"],
      ["user", "enable"],
      ["user", "remove"],
      ["key", "issue"],
      ["key", "list"],
      ["key", "revoke", "--user"],
      ["key", "rotate", "--user"],
    ]) {
      const said = await refused([...before, "Alice"]);
      expect(said).toContain(`Try: fetchml ${before.join(" ")} alice\n`);
    }
    expect(await refused(["user", "set-role", "Alice", "admin"])).toContain("set-role alice admin");
    expect(await refused(["key", "import", "Alice", "--key-stdin"])).toContain("import alice");
  });

  test("is told how to add the user, where only the user is missing", async () => {
    for (const args of [
      ["key", "issue", "nobody"],
      ["key", "rotate", "--user", "nobody"],
      ["user", "remove", "nobody"],
    ]) {
      expect(await refused(args, 6)).toContain('"fetchml user add nobody" adds one');
    }
  });
});

describe("the id of a key that is none", () => {
  test("is told the nearest id, the list, or the option for a user", async () => {
    expect(await refused(["key", "revoke", "KPAZ"])).toContain("Try: fetchml key revoke kpaz");
    expect(await refused(["key", "rotate", "fetchml_kpaz"])).toContain("key rotate kpaz");
    expect(await refused(["key", "revoke", "alice"])).toContain("key revoke --user alice");
    expect(await refused(["key", "revoke", "zzzz"], 6)).toContain("fetchml key list");
    expect(await refused(["key", "revoke"])).toContain("--user USER");
    expect(await refused(["key", "revoke", id, "--user", "alice"])).toContain("one of the two");
  });
});

describe("a whole key on the command line", () => {
  test("is revoked by its id, as it is in the shell's history now", async () => {
    for (const paste of [(text: string) => text, (text: string) => text.toUpperCase()]) {
      const pasted = await issue();
      const { code, stdout, stderr } = await box.admin(["key", "revoke", paste(pasted)]);
      expect([code, stdout]).toEqual([0, ""]);
      expect(stderr).toContain(`Revoked ${pasted.slice(8, 12)}.`);
      expect(stderr.toLowerCase()).not.toContain(pasted.slice(12, 20));
    }
  });

  test("is refused everywhere else, with the command that ends it", async () => {
    const before = await listed();
    for (const args of [
      ["key", "rotate", key],
      ["key", "issue", key],
      ["key", "list", key.toUpperCase()],
      ["key", "revoke", "--user", key],
      ["key", "issue", "alice", "--label", key],
      ["key", "issue", "alice", "--label", `laptop ${key}`],
      ["key", "import", "alice", "--id", key, "--hash-stdin"],
      ["user", "add", key],
    ]) {
      expect(await refused(args)).toContain("--leaked");
    }
    expect(await listed()).toEqual(before);
  });

  test("is not shown when it is mistyped, cut off, or in the place of a role", async () => {
    const mistyped = `${key.slice(0, -1)}${key.endsWith("0") ? "1" : "0"}`;
    expect(await refused(["key", "revoke", mistyped])).toContain(`Try: fetchml key revoke ${id}`);
    expect(await refused(["key", "revoke", key.slice(0, 40)])).toContain(`key revoke ${id}`);
    expect(await refused(["key", "issue", mistyped])).toContain("--leaked");
    expect(await refused(["user", "set-role", "alice", key])).toContain("viewer, member, admin");
  });

  async function listed(): Promise<string> {
    return (await box.admin(["key", "list", "alice", "--json"])).stdout;
  }
});

describe("an option's value that is none", () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [["key", "issue", "alice", "--expires", "yesterday"], "180d or 12h"],
    [["key", "issue", "alice", "--expires", "5s"], "from a minute"],
    [["key", "issue", "alice", "--expires", "99999999d"], "to 100 years"],
    [["key", "issue", "alice", "--label="], "1 to 64 characters"],
    [["key", "issue", "alice", "--label", "x".repeat(65)], "1 to 64 characters"],
    [["key", "issue", "alice", "--label", "a\nb"], "in one line"],
    [["key", "issue", "alice", "--label", "\u001b[2Ja"], "control character"],
    [["key", "rotate", "kpaz", "--grace", "-1"], "24h or 2d"],
    [["key", "rotate", "kpaz", "--grace", "tomorrow"], "24h or 2d"],
    [["key", "rotate", "kpaz", "--grace", "31d"], "from 0 to 30d"],
    [["key", "rotate", "kpaz", "--grace", "1h", "--leaked"], "Leave out one"],
    [["key", "import", "alice", "--id", "ab!1", "--hash-stdin"], "four symbols"],
    [["user", "add", "bob", "--role", "boss"], "viewer, member, admin"],
    [["audit", "--since", "yesterday"], "7d or 12h"],
  ];
  for (const [args, words] of cases) {
    test(`"${args.join(" ").slice(0, 60)}" is told what it may be`, async () => {
      expect(await refused(args)).toContain(words);
    });
  }

  test("makes no key", async () => {
    expect((await box.admin(["user", "list"])).stdout).not.toContain("bob");
  });
});

test("a label with a key in it is refused by the API too, so that none is ever stored", async () => {
  const call = (method: string, params: object) =>
    fetch("http://localhost/rpc", {
      unix: `${box.dataDir}/fetchml.sock`,
      method: "POST",
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    }).then((response) => response.text());
  const params = { user: "alice", label: `my ${key}` };
  const imported = { ...params, id: "kpaz", api_key_hash: "7".repeat(64) };
  const steering = { user: "alice", label: "\u001b]0;mine\u0007" };
  expect(await call("key.issue", steering)).toContain("control character");
  for (const said of [await call("key.issue", params), await call("key.import", imported)]) {
    expect(said).toContain("invalid-params");
    expect(said).not.toContain(key.slice(12));
  }
});
