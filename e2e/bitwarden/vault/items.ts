// The items of one vault: kept as the client sent them, and decrypted for tests to compare field by field.
import { randomUUID } from "node:crypto";
import { keyOf } from "./account.ts";
import { decrypt, encrypt } from "./encrypted-string.ts";

/** An item as the client sends it; what is a `string` in a login or field is encrypted. */
export interface SentItem {
  readonly type: number;
  readonly organizationId?: string | null;
  readonly name: string;
  readonly notes: string | null;
  /** The item's own key, itself encrypted, where the client made one. */
  readonly key?: string | null;
  readonly login: { readonly username: string | null; readonly password: string | null };
  readonly fields?: readonly SentField[] | null;
  readonly passwordHistory?:
    readonly { readonly password: string; readonly lastUsedDate: string }[] | null;
  /** When the client last saw it change; only in an update. */
  readonly lastKnownRevisionDate?: string | null;
}

interface SentField {
  readonly type: number;
  readonly name: string | null;
  readonly value: string | null;
}

interface KeptItem extends SentItem {
  readonly id: string;
  readonly collectionIds: readonly string[];
  readonly creationDate: string;
  readonly revisionDate: string;
  readonly deletedDate: string | null;
}

/** An item in plain text, all of it. */
export interface PlainItem {
  readonly id: string;
  readonly organizationId: string | null;
  readonly collectionIds: readonly string[];
  readonly type: number;
  readonly name: string;
  readonly notes: string | null;
  readonly username: string | null;
  readonly password: string | null;
  readonly fields: readonly {
    readonly type: number;
    readonly name: string;
    readonly value: string;
  }[];
  /** Old passwords and old hidden fields, newest first. */
  readonly history: readonly string[];
  readonly inTrash: boolean;
}

/** The items of one vault. */
export class Items {
  readonly #items = new Map<string, KeptItem>();

  /** All of them in plain text, in the order in which they were made. */
  plain(): readonly PlainItem[] {
    return [...this.#items.values()].map(decryptItem);
  }

  /** Puts an item there as if another client had made it; answers its id. */
  seed(item: Pick<PlainItem, "name" | "username" | "password"> & Partial<PlainItem>): string {
    const organizationId = item.organizationId ?? null;
    const lock = (text: string) => encrypt(text, keyOf(organizationId));
    const lockOrNull = (text: string | null = null) => (text === null ? null : lock(text));
    const sent: SentItem = {
      type: item.type ?? 1,
      organizationId,
      name: lock(item.name),
      notes: lockOrNull(item.notes),
      login: { username: lockOrNull(item.username), password: lockOrNull(item.password) },
      fields: (item.fields ?? []).map((field) => ({
        type: field.type,
        name: lock(field.name),
        value: lock(field.value),
      })),
      passwordHistory: (item.history ?? []).map((password) => ({
        password: lock(password),
        lastUsedDate: new Date().toISOString(),
      })),
    };
    return this.add(sent, item.collectionIds ?? []).id;
  }

  /** Keeps a new item; answers it as the server does. */
  add(sent: SentItem, collectionIds: readonly string[] = []): { readonly id: string } {
    return this.#keep(sent, randomUUID(), collectionIds);
  }

  /** Answers `undefined` where there is no such item, `"stale"` where it has changed since the client looked. */
  update(id: string, sent: SentItem): object | "stale" | undefined {
    const kept = this.#items.get(id);
    if (kept === undefined) return undefined;
    const seen = Date.parse(sent.lastKnownRevisionDate ?? "");
    if (seen !== Date.parse(kept.revisionDate)) return "stale";
    return this.#keep(sent, id, kept.collectionIds);
  }

  /** Removes an item for good; answers whether it was there. */
  remove(id: string): boolean {
    return this.#items.delete(id);
  }

  /** Moves an item to the trash; answers whether it was there. */
  trash(id: string): boolean {
    const kept = this.#items.get(id);
    if (kept !== undefined) this.#items.set(id, { ...kept, deletedDate: new Date().toISOString() });
    return kept !== undefined;
  }

  /** All items as the server sends them. */
  toJSON(): readonly object[] {
    return [...this.#items.values()].map(answerOf);
  }

  #keep(sent: SentItem, id: string, collectionIds: readonly string[]): { readonly id: string } {
    const revisionDate = new Date().toISOString();
    const creationDate = this.#items.get(id)?.creationDate ?? revisionDate;
    const kept: KeptItem = {
      ...sent,
      id,
      collectionIds,
      creationDate,
      revisionDate,
      deletedDate: null,
    };
    this.#items.set(id, kept);
    return answerOf(kept);
  }
}

/** Attachments have one shape on the way in and another on the way out; there are none here. */
function answerOf(item: KeptItem): { readonly id: string } {
  const added = {
    edit: true,
    viewPassword: true,
    permissions: { delete: true, restore: true },
    organizationUseTotp: false,
    attachments: null,
  };
  return { ...item, ...added };
}

function decryptItem(item: KeptItem): PlainItem {
  const organizationId = item.organizationId ?? null;
  const vaultKey = keyOf(organizationId);
  const key = typeof item.key === "string" ? decrypt(item.key, vaultKey) : vaultKey;
  const open = (text: string) => decrypt(text, key).toString();
  const openOrNull = (text: string | null | undefined) =>
    typeof text === "string" ? open(text) : null;
  return {
    id: item.id,
    organizationId,
    collectionIds: item.collectionIds,
    type: item.type,
    name: open(item.name),
    notes: openOrNull(item.notes),
    username: openOrNull(item.login.username),
    password: openOrNull(item.login.password),
    fields: (item.fields ?? []).map(({ type, name, value }) => ({
      type,
      name: openOrNull(name) ?? "",
      value: openOrNull(value) ?? "",
    })),
    history: (item.passwordHistory ?? []).map(({ password }) => open(password)),
    inTrash: item.deletedDate !== null,
  };
}
