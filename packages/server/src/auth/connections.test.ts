// Connections end with their key, at its expiry too.
import { describe, expect, test } from "bun:test";
import { Connections, type ConnectionEnd } from "./connections.ts";

const systemClock = { now: () => Date.now() };

/** Resolves when the condition holds; fails after two seconds. */
async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 2_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error("it did not come about in two seconds");
    await Bun.sleep(5);
  }
}

function connection(connections: Connections, keyId: string, expiresAt: number | null) {
  const ends: { readonly why: ConnectionEnd; readonly at: number }[] = [];
  const end = (why: ConnectionEnd) => ends.push({ why, at: Date.now() });
  const remove = connections.add({ keyId, userId: 1, expiresAt, end });
  return { ends, remove };
}

describe("Connections", () => {
  test("ends a connection when its key expires, the earliest first, and not before", async () => {
    const connections = new Connections(systemClock);
    const now = Date.now();
    const never = connection(connections, "0000", null);
    const late = connection(connections, "0001", now + 120);
    const soon = connection(connections, "0002", now + 60);
    await until(() => late.ends.length === 1);
    expect(soon.ends).toMatchObject([{ why: "key-expired" }]);
    expect(late.ends).toMatchObject([{ why: "key-expired" }]);
    expect(soon.ends[0]?.at).toBeGreaterThanOrEqual(now + 60);
    expect(late.ends[0]?.at).toBeGreaterThanOrEqual(now + 120);
    expect(never.ends).toEqual([]);
    expect(connections.size).toBe(1);
    connections.close();
  });

  test("ends at once a connection whose key has expired before it was added", async () => {
    const connections = new Connections(systemClock);
    const past = connection(connections, "0000", Date.now() - 1000);
    await until(() => past.ends.length === 1);
    connections.close();
  });

  test("never ends a connection that was taken out", () => {
    const connections = new Connections(systemClock);
    const gone = connection(connections, "0000", null);
    gone.remove();
    gone.remove();
    expect(connections.endKey("0000", "key-revoked")).toBe(0);
    expect(gone.ends).toEqual([]);
  });

  test("ends the connections of a replaced key at the end of its grace, and calls it replaced", async () => {
    const connections = new Connections(systemClock);
    const now = Date.now();
    const never = connection(connections, "0000", null);
    const soon = connection(connections, "0000", now + 40);
    const other = connection(connections, "0001", null);
    expect(connections.replaceKey("0000", now + 80)).toBe(0);
    await until(() => never.ends.length === 1);
    expect(never.ends).toMatchObject([{ why: "key-replaced" }]);
    expect(never.ends[0]?.at).toBeGreaterThanOrEqual(now + 80);
    expect(soon.ends[0]?.at).toBeLessThan((never.ends[0]?.at ?? 0) + 1);
    expect(other.ends).toEqual([]);
    connections.close();
  });

  test("ends the connections of a replaced key at once where it has no grace", () => {
    const connections = new Connections(systemClock);
    const gone = connection(connections, "0000", null);
    expect(connections.replaceKey("0000", Date.now())).toBe(1);
    expect(gone.ends).toMatchObject([{ why: "key-replaced" }]);
  });

  test("ends each connection once, even if it is told so within an end", () => {
    const connections = new Connections(systemClock);
    let ends = 0;
    connections.add({
      keyId: "0000",
      userId: 1,
      expiresAt: null,
      end: () => {
        ends += 1;
        connections.endKey("0000", "key-revoked");
      },
    });
    expect(connections.endUser(1, "user-disabled")).toBe(1);
    expect(ends).toBe(1);
  });
});
