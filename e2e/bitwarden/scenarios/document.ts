// Every command that docs/bitwarden.md shows is run here; a new one without a place here fails.
import { expect, test } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseApiKey } from "@fetchml/protocol";
import { personAt, writeConfig, type Box, type Ended } from "../../box.ts";
import { newApiKey, SCRIPT, type Desk } from "../desk.ts";
import { EMAIL, HOMELAB, MASTER_PASSWORD } from "../vault/account.ts";
import { installFetchml, keyIds } from "./issue.ts";
import { changesOf, itemsOf, oldItem, renewed, type Scenario } from "./scenario.ts";

const root = join(import.meta.dir, "../../..");
const page = readFileSync(join(root, "docs/bitwarden.md"), "utf8");

/** The lines of the page's shell blocks. */
const lines = [...page.matchAll(/```sh\n([^]*?)```/g)].flatMap((block) =>
  (block[1] ?? "").trim().split("\n"),
);

/** Types a line of the page in the clone; `ssh box` leads to the box, and the page's alice is this user. */
function tryLine(desk: Desk, line: string, user: string): Promise<Ended> {
  desk.install("ssh", '#!/bin/sh\n[ "$1" = box ] && shift && exec "$@"\n');
  const command = ["bash", "-c", `cd '${root}' && ${line.replaceAll("alice", user)}`];
  return desk.run([], { command });
}

/** The same for a line that has to succeed. */
async function typeLine(desk: Desk, line: string, user: string): Promise<Ended> {
  const ended = await tryLine(desk, line, user);
  expect(ended).toMatchObject({ code: 0 });
  return ended;
}

/** Adds a user with a key, and puts a `fetchml` at the desk. */
async function issueKey(desk: Desk, box: Box, user: string): Promise<string> {
  installFetchml(desk, box);
  await box.admin(["user", "add", user]);
  return (await box.admin(["key", "issue", user])).stdout.trim();
}

const inHomelab = {
  organizationId: HOMELAB.id,
  collectionIds: [HOMELAB.collections["FetchML"] ?? ""],
};

/** Declares them. */
export function declareDocumentScenarios(scenario: Scenario, box: () => Box): void {
  const shown = (start: string, end = "") =>
    lines.find((line) => line.startsWith(start) && line.endsWith(end)) ?? "not on the page";
  const keyLine = (verb: string, end: string) => shown(`ssh box fetchml key ${verb}`, end);

  const login = ["bw login", 'export BW_SESSION="$(bw unlock --raw)"'];
  const create = [shown("ssh box fetchml user add"), keyLine("issue", "item.sh alice")];
  const collection = keyLine("issue", "--collection FetchML");
  const leaked = keyLine("rotate", "--revoked");
  const fresh = keyLine("rotate", "--fresh");
  const again = shown("bw get password", "--fresh");
  // Scenarios of `issue.ts` type these, and the first is npm's own.
  const elsewhere = [
    shown("npm install"),
    shown("./scripts", "item.sh"),
    shown("./scripts", "--issue"),
  ];

  test("docs/bitwarden.md shows the commands that are run here, and no others", () => {
    expect(lines.toSorted()).toEqual(
      [...login, ...create, collection, leaked, fresh, again, ...elsewhere].toSorted(),
    );
  });

  scenario(
    "docs/bitwarden.md: a new item takes the place of the old one, which is gone for good",
    async (desk) => {
      const password = await issueKey(desk, box(), "eric");
      const old = oldItem(desk, "eric", { ...inHomelab, password, history: ["older still"] });
      const oldId = desk.vault.items.seed(old);
      const { stdout, stderr } = await typeLine(desk, fresh, "eric");
      const [item = { id: "", ...old }] = desk.vault.items.plain();
      expect(itemsOf(desk)).toEqual([{ ...renewed(old, item.password ?? ""), history: [] }]);
      expect(changesOf(desk)).toEqual(["POST /api/ciphers/create", `DELETE /api/ciphers/${oldId}`]);
      expect(stdout).toBe(`${item.id}\n`);
      expect(stderr).toContain(`fetchml key revoke ${password.slice(8, 12)}`);
      expect(await keyIds(box(), "eric")).toContain(item.password?.slice(8, 12) ?? "");
    },
  );

  scenario(
    "docs/bitwarden.md: a run with --fresh that broke off comes to its end with the new item's key",
    async (desk) => {
      const password = await issueKey(desk, box(), "ines");
      const old = desk.vault.items.seed(oldItem(desk, "ines", { password }));
      desk.vault.breakAt({ at: "DELETE /api/ciphers", answer: 500 });
      const broken = await tryLine(desk, fresh, "ines");
      const [kept, made = "none"] = desk.vault.items.plain().map(({ id }) => id);
      expect([broken.code, kept]).toEqual([20, old]);
      for (const id of [old, made]) expect(broken.stderr).toContain(id);
      expect(broken.stderr).not.toContain("key revoke");
      desk.vault.breakAt(null);
      const { stdout, stderr } = await typeLine(desk, again.replace("ITEM-ID", made), "ines");
      expect(stdout).toBe(`${made}\n`);
      expect(stderr).toContain(`fetchml key revoke ${password.slice(8, 12)}`);
      expect(desk.vault.items.plain().map(({ id }) => id)).toEqual([made]);
    },
  );

  scenario(
    "docs/bitwarden.md: a key that the script has not read is named by fetchml's own line, and another takes its place",
    async (desk) => {
      const password = await issueKey(desk, box(), "jona");
      desk.vault.items.seed(oldItem(desk, "jona", { password }));
      const { code, stderr } = await tryLine(desk, `${fresh} --wrong`, "jona");
      const lost = (await keyIds(box(), "jona")).find((id) => id !== password.slice(8, 12));
      expect([code, stderr]).toEqual([2, expect.stringContaining(`Key ${lost} for jona`)]);
      expect((await box().admin(["key", "revoke", lost ?? ""])).code).toBe(0);
      const next = fresh.replace("rotate --user alice", "issue alice");
      expect(next).not.toBe(fresh);
      const told = await typeLine(desk, `${next} --dry-run`, "jona");
      expect(told.stderr).toContain("make a new item and delete the old one");
    },
  );

  scenario(
    "docs/bitwarden.md: a leaked key's successor takes its place in the item",
    async (desk) => {
      const password = await issueKey(desk, box(), "frida");
      const old = oldItem(desk, "frida", { password });
      const id = desk.vault.items.seed(old);
      await typeLine(desk, leaked, "frida");
      const [item = { id, ...old }] = desk.vault.items.plain();
      expect(item).toEqual({ id, ...renewed(old, item.password ?? ""), history: item.history });
      const history = [`api_key_hash: ${old.fields.at(-1)?.value}`, password];
      expect(item.history.toSorted()).toEqual(history.toSorted());
      expect(await keyIds(box(), "frida")).toEqual([item.password?.slice(8, 12) ?? ""]);
    },
  );

  scenario("docs/bitwarden.md: a new user's item, straight in the collection", async (desk) => {
    installFetchml(desk, box());
    await box().admin(["user", "add", "hugo"]);
    await typeLine(desk, collection, "hugo");
    expect(itemsOf(desk)).toEqual([expect.objectContaining({ username: "hugo", ...inHomelab })]);
  });

  scenario(
    "docs/bitwarden.md: a new user's key works from a config with the item's password",
    async (desk) => {
      installFetchml(desk, box());
      for (const line of create) await typeLine(desk, line, "gina");
      const apiKey = desk.vault.items.plain()[0]?.password ?? "";
      expect(parseApiKey(apiKey).ok).toBe(true);
      const gina = personAt(join(desk.home, "gina"), { name: "gina", apiKey });
      writeConfig(gina.home, { apiKey, port: Number(new URL(box().httpUrl).port) });
      expect(await gina.ml(["status"])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("gina"),
      });
    },
  );

  scenario("docs/bitwarden.md: bw login and unlock as shown let the script in", async (desk) => {
    rmSync(join(desk.home, "bw/data.json"));
    await desk.run([], {
      command: ["bw", "config", "server", `https://127.0.0.1:${desk.vault.port}`],
    });
    writeFileSync(join(desk.home, "key"), newApiKey());
    const talk = [
      ["ready> ", login[0] ?? ""],
      ["Email address:", EMAIL],
      ["Master password:", MASTER_PASSWORD],
      ["ready> ", login[1] ?? ""],
      ["Master password:", MASTER_PASSWORD],
      ["ready> ", `'${SCRIPT}' alice --dry-run < key; exit $?`],
    ] as const;
    const env = { PS1: "ready> ", BW_SESSION: "", TERM: "xterm" };
    const shell = { command: ["bash", "--norc", "--noprofile"], env };
    const { code, stdout } = await desk.type([], talk, shell);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("make the item"),
    });
  });
}
