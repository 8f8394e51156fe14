// Scenarios in which the script itself issues the key, from a real server.
import { expect } from "bun:test";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { hashApiKey, type ApiKey } from "@fetchml/protocol";
import { FETCHML, type Box } from "../../box.ts";
import { SCRIPT, type Desk } from "../desk.ts";
import { changesOf, itemOf, itemsOf, type Scenario } from "./scenario.ts";

/** Puts a `fetchml` into the desk's PATH that finds the box. */
export function installFetchml(desk: Desk, box: Box): void {
  desk.install("fetchml", `#!/bin/sh\nexec '${FETCHML}' "$@" --data-dir '${box.dataDir}'\n`);
}

/** The ids of the keys that a user has and nobody has revoked. */
export async function keyIds(box: Box, user: string): Promise<readonly string[]> {
  const { stdout } = await box.admin(["key", "list", user, "--json"]);
  const keys: readonly Pick<ApiKey, "id" | "revoked_at">[] = JSON.parse(stdout);
  return keys.filter(({ revoked_at }) => revoked_at === null).map(({ id }) => id);
}

/** Declares them. */
export function declareIssueScenarios(scenario: Scenario, box: () => Box): void {
  scenario(
    "typed bare on a terminal, asks for the user, issues the key and makes the item",
    async (desk) => {
      await box().admin(["user", "add", "anna"]);
      installFetchml(desk, box());
      const { code, stdout } = await desk.type([], [["FetchML user: ", "anna"]]);
      expect({ code, stdout }).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("read back and compared"),
      });
      const [item] = itemsOf(desk);
      const password = item?.password ?? "";
      const fields = [{ type: 1, name: "api_key_hash", value: hashApiKey(password) }];
      expect(item).toEqual(itemOf(desk, "anna", { password, fields }));
      expect(await keyIds(box(), "anna")).toEqual([password.slice(8, 12)]);
      expect(stdout).not.toContain(password);
    },
  );

  scenario(
    "installed elsewhere, finds fetchml in PATH; no such user is exit 6 and makes nothing",
    async (desk) => {
      installFetchml(desk, box());
      mkdirSync(join(desk.home, "installed"));
      const copy = join(desk.home, "installed/create_bitwarden_fetchml_item.sh");
      copyFileSync(SCRIPT, copy);
      const { code, stderr } = await desk.run(["nobody", "--issue"], { command: [copy] });
      expect({ code, stderr }).toMatchObject({
        code: 6,
        stderr: expect.stringContaining("nobody"),
      });
      expect(changesOf(desk)).toEqual([]);
    },
  );

  scenario(
    "ends with 24, and not as for a user, where fetchml has no data folder",
    async (desk) => {
      const nowhere = join(desk.home, "nowhere");
      desk.install("fetchml", `#!/bin/sh\nexec '${FETCHML}' "$@" --data-dir '${nowhere}'\n`);
      const { code, stderr } = await desk.run(["alice", "--issue"]);
      expect({ code, stderr }).toMatchObject({
        code: 24,
        stderr: expect.stringContaining(nowhere),
      });
      expect(changesOf(desk)).toEqual([]);
    },
  );

  scenario("issues no key with --dry-run, and none where an item is in the way", async (desk) => {
    await box().admin(["user", "add", "carl"]);
    installFetchml(desk, box());
    expect((await desk.run(["carl", "--issue", "--dry-run"])).code).toBe(0);
    desk.vault.items.seed(itemOf(desk, "carl"));
    const refused = await desk.run(["carl", "--issue"]);
    expect(refused).toMatchObject({
      code: 5,
      stderr: expect.stringContaining("another key, kpaz"),
    });
    expect(await keyIds(box(), "carl")).toEqual([]);
  });

  scenario("names the key that it issued and could not put into the vault", async (desk) => {
    await box().admin(["user", "add", "dora"]);
    installFetchml(desk, box());
    desk.vault.breakAt({ at: "POST /api/ciphers", answer: 400 });
    const { code, stderr } = await desk.run(["dora", "--issue"]);
    const [id] = await keyIds(box(), "dora");
    expect({ code, stderr }).toMatchObject({
      code: 15,
      stderr: expect.stringContaining("Not like this."),
    });
    expect(stderr).toContain(`fetchml key revoke ${id}`);
    expect(itemsOf(desk)).toEqual([]);
  });
}
