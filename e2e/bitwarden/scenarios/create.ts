// Scenarios in which the item is made, found again, or found by another name.
import { expect } from "bun:test";
import { lstatSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { newApiKey } from "../desk.ts";
import { CLUB } from "../vault/account.ts";
import { changesOf, itemOf, itemsOf, type Scenario } from "./scenario.ts";

const inClub = { organizationId: CLUB.id, collectionIds: [CLUB.collections["Guests"] ?? ""] };

/** Declares them. */
export function declareCreateScenarios(scenario: Scenario): void {
  scenario(
    "makes the item as documented; run again with the same key, it changes nothing",
    async (desk) => {
      const made = await desk.put("alice");
      expect(made).toMatchObject({
        code: 0,
        stderr: expect.stringContaining("read back and compared"),
      });
      expect(itemsOf(desk)).toEqual([itemOf(desk, "alice")]);
      const [{ id } = { id: "" }] = desk.vault.items.plain();
      expect(made.stdout).toBe(`${id}\n`);

      const again = await desk.put("alice");
      expect(again).toMatchObject({
        code: 0,
        stdout: `${id}\n`,
        stderr: expect.stringContaining("Nothing to do"),
      });
      expect(changesOf(desk)).toEqual(["POST /api/ciphers"]);
    },
  );

  scenario(
    "finds the item in the collection that is named, and refuses one that is elsewhere",
    async (desk) => {
      desk.vault.items.seed(itemOf(desk, "alice", inClub));
      const there = await desk.put("alice", "--collection", "Guests", "--organization", "Club");
      expect(there).toMatchObject({ code: 0, stderr: expect.stringContaining("Nothing to do") });
      const elsewhere = await desk.put("alice", "--collection", "FetchML");
      expect(elsewhere).toMatchObject({
        code: 5,
        stderr: expect.stringContaining("not in that collection"),
      });
      expect(changesOf(desk)).toEqual([]);
    },
  );

  scenario(
    "refuses a collection that is not there, or that two organizations have",
    async (desk) => {
      const several = await desk.put("alice", "--collection", "Guests");
      expect(several).toMatchObject({ code: 5, stderr: expect.stringContaining("--organization") });
      expect((await desk.put("alice", "--collection", "Fetch")).code).toBe(6);
      expect(
        (await desk.put("alice", "--collection", "FetchML", "--organization", "Home")).code,
      ).toBe(6);
      expect(changesOf(desk)).toEqual([]);
    },
  );

  scenario("takes no item of a similar name for alice's", async (desk) => {
    const hers = { username: "alice", password: newApiKey("aaaa") };
    const names = [
      "FetchML API – alice2",
      "FetchML API - alice",
      "fetchml api – alice",
      "My FetchML API – alice",
    ];
    for (const name of names) desk.vault.items.seed({ name, ...hers });
    desk.vault.items.seed({ name: "Note", username: "FetchML API – alice", password: "x" });
    desk.vault.items.trash(desk.vault.items.seed({ name: "FetchML API – alice", ...hers }));
    const before = desk.vault.items.plain();
    expect((await desk.put("alice")).code).toBe(0);
    expect(desk.vault.items.plain().slice(0, -1)).toEqual([...before]);
    expect(itemsOf(desk).at(-1)).toEqual(itemOf(desk, "alice"));
  });

  scenario("finds the item that another machine made since the last sync", async (desk) => {
    desk.vault.items.seed(itemOf(desk, "alice"));
    expect(await desk.put("alice")).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("Nothing to do"),
    });
    expect(changesOf(desk)).toEqual([]);
  });

  scenario(
    "changes nothing with --dry-run; clears away what killed runs have left of locks, leaves none itself",
    async (desk) => {
      const lock = join(desk.home, "bw/.fetchml-item-lock");
      const killed = Bun.spawn(["true"]);
      await killed.exited;
      for (const left of [lock, `${lock}.clearing`]) symlinkSync(String(killed.pid), left);
      const { code, stdout, stderr } = await desk.put("alice", "--dry-run");
      expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
      expect(stderr).toContain("make the item");
      expect(changesOf(desk)).toEqual([]);
      for (const left of [lock, `${lock}.clearing`]) {
        expect(lstatSync(left, { throwIfNoEntry: false })).toBeUndefined();
      }
    },
  );

  scenario("run twice at once with the same key, makes one item", async (desk) => {
    const runs = await Promise.all([desk.put("alice"), desk.put("alice")]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    expect(runs.map(({ stderr }) => stderr).join("")).toContain("Waiting for another run");
    expect(itemsOf(desk)).toEqual([itemOf(desk, "alice")]);
  });
}
