// What every scenario of the Bitwarden tests is declared with, and the item that each of them expects.
import { hashApiKey } from "@fetchml/protocol";
import { newApiKey, type Desk } from "../desk.ts";
import type { PlainItem } from "../vault/items.ts";

/** Declares a test that has a desk of its own. */
export type Scenario = (name: string, work: (desk: Desk) => Promise<void>) => void;

/** The item as the documents promise it, in the personal vault; `more` is what differs. */
export function itemOf(
  desk: Desk,
  user: string,
  more: Partial<PlainItem> = {},
): Omit<PlainItem, "id"> {
  return {
    organizationId: null,
    collectionIds: [],
    type: 1,
    name: `FetchML API \u2013 ${user}`,
    notes: null,
    username: user,
    password: desk.apiKey,
    fields: [{ type: 1, name: "api_key_hash", value: desk.apiKeyHash }],
    history: [],
    inTrash: false,
    ...more,
  };
}

/** The item as it was before the key was rotated, with something of the admin's own in it. */
export function oldItem(
  desk: Desk,
  user: string,
  more: Partial<PlainItem> = {},
): Omit<PlainItem, "id"> {
  const { password = newApiKey("aaaa") } = more;
  const note = { type: 0, name: "laptop", value: "the grey one" };
  const fields = [note, { type: 1, name: "api_key_hash", value: hashApiKey(password ?? "") }];
  return itemOf(desk, user, { password, fields, notes: "since May", ...more });
}

/** The same after a new key was put into it. */
export function renewed(old: Omit<PlainItem, "id">, apiKey: string): Omit<PlainItem, "id"> {
  const hash = { type: 1, name: "api_key_hash", value: hashApiKey(apiKey) };
  return { ...old, password: apiKey, fields: [...old.fields.slice(0, -1), hash] };
}

/** All items of the desk's vault, without their ids. */
export function itemsOf(desk: Desk): readonly Omit<PlainItem, "id">[] {
  return desk.vault.items.plain().map(({ id: _id, ...rest }) => rest);
}

/** The requests that changed the vault. */
export function changesOf(desk: Desk): readonly string[] {
  return desk.vault.requests.filter((request) =>
    /^(?:POST|PUT|DELETE) \/api\/ciphers/.test(request),
  );
}
