// Scenarios in which the vault holds something else under that name: refused, or replaced when asked.
import { expect } from "bun:test";
import type { Desk } from "../desk.ts";
import { changesOf, itemOf, itemsOf, oldItem, type Scenario } from "./scenario.ts";

/** A fetchml that knows alice's old key as this. */
function installFetchml(desk: Desk, state: object): void {
  const keys = JSON.stringify([{ id: "aaaa", revoked_at: null, valid_until: null, ...state }]);
  desk.install("fetchml", `#!/bin/sh\n[ "$*" = "key list alice --json" ] && echo '${keys}'\n`);
}

/** Declares them. */
export function declareRotateScenarios(scenario: Scenario): void {
  scenario("refuses an item with another key, and names that key by its id", async (desk) => {
    const old = oldItem(desk, "alice");
    desk.vault.items.seed(old);
    const { code, stderr } = await desk.put("alice");
    expect({ code, stderr }).toMatchObject({
      code: 5,
      stderr: expect.stringContaining("another key, aaaa"),
    });
    expect(stderr).toContain("fetchml key revoke kpaz");
    expect(itemsOf(desk)).toEqual([old]);
  });

  scenario(
    "with --rotate, refuses as long as fetchml says that the old key is valid",
    async (desk) => {
      desk.vault.items.seed(oldItem(desk, "alice"));
      installFetchml(desk, { valid_until: Date.now() + 3_600_000 });
      const refused = await desk.put("alice", "--rotate", "--revoked");
      expect(refused).toMatchObject({
        code: 5,
        stderr: expect.stringContaining("fetchml key revoke aaaa"),
      });
      installFetchml(desk, { revoked_at: Date.now() });
      expect((await desk.put("alice", "--rotate", "--dry-run")).code).toBe(0);
      expect(changesOf(desk)).toEqual([]);
    },
  );

  scenario("with --rotate, asks for --revoked where no fetchml knows the old key", async (desk) => {
    desk.vault.items.seed(oldItem(desk, "alice"));
    const refused = await desk.put("alice", "--rotate");
    expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining("--revoked") });
    const told = await desk.put("alice", "--rotate", "--revoked", "--dry-run");
    expect(told).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("put the key into the item"),
    });
    expect(changesOf(desk)).toEqual([]);
  });

  scenario(
    "refuses an item whose hash is a visible field; sets it right with --rotate",
    async (desk) => {
      const fields = [{ type: 0, name: "api_key_hash", value: desk.apiKeyHash }];
      desk.vault.items.seed(itemOf(desk, "alice", { fields }));
      const refused = await desk.put("alice");
      expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining("was changed") });
      expect((await desk.put("alice", "--rotate")).code).toBe(0);
      expect(itemsOf(desk)).toEqual([itemOf(desk, "alice")]);
    },
  );

  scenario(
    "refuses where there are two items of the name, and names each with its key; with --rotate --fresh, where none is right",
    async (desk) => {
      const right = desk.vault.items.seed(itemOf(desk, "alice"));
      const old = desk.vault.items.seed(oldItem(desk, "alice"));
      const { code, stderr } = await desk.put("alice");
      expect([code, stderr]).toEqual([5, expect.stringContaining("There are 2 items")]);
      expect(stderr).toContain(`${right} with key kpaz`);
      expect(stderr).toContain(`${old} with key aaaa`);
      desk.vault.items.remove(right);
      desk.vault.items.seed(oldItem(desk, "alice"));
      expect((await desk.put("alice", "--rotate", "--fresh")).code).toBe(5);
      expect(changesOf(desk)).toEqual([]);
    },
  );

  scenario(
    "with --rotate --fresh, does not advise to revoke the key that it has stored when the old item held it too",
    async (desk) => {
      const right = desk.vault.items.seed(itemOf(desk, "alice"));
      desk.vault.items.seed(itemOf(desk, "alice", { username: "alicia" }));
      const { code, stdout, stderr } = await desk.put("alice", "--rotate", "--fresh");
      expect([code, stdout]).toEqual([0, `${right}\n`]);
      expect(stderr).not.toContain("key revoke");
      expect(itemsOf(desk)).toEqual([itemOf(desk, "alice")]);
    },
  );

  scenario(
    "notices an item of the same name that another machine made at the same time",
    async (desk) => {
      desk.vault.afterAdding(() => desk.vault.items.seed(oldItem(desk, "alice")));
      const { code, stderr } = await desk.put("alice");
      expect({ code, stderr }).toMatchObject({
        code: 5,
        stderr: expect.stringContaining("somebody else"),
      });
    },
  );

  scenario("notices that the server has not kept what was sent", async (desk) => {
    desk.vault.afterAdding(() => {
      for (const { id } of desk.vault.items.plain()) desk.vault.items.remove(id);
      desk.vault.items.seed(itemOf(desk, "alice", { fields: [] }));
    });
    const { code, stderr } = await desk.put("alice");
    expect({ code, stderr }).toMatchObject({ code: 22, stderr: expect.stringContaining("kpaz") });
  });
}
