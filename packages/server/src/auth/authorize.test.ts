// Who may make which call, and what the others are told.
import { describe, expect, test } from "bun:test";
import type { Access, Role } from "@fetchml/protocol";
import type { KeyHolder, Principal } from "../domain/principal.ts";
import { authorize } from "./authorize.ts";

function holder(role: Role): KeyHolder {
  const key = { keyId: "kpaz", keyLabel: null, keyExpiresAt: null, keySupersededBy: null };
  return { kind: "key", userId: 1, user: "alice", role, ...key };
}

const local: Principal = { kind: "local", user: "root" };

function allows(principal: Principal, access: Access): boolean {
  try {
    authorize(principal, access, "x.y");
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: "not-allowed", details: { needs: access } });
    return false;
  }
}

describe("authorize()", () => {
  const accesses: readonly Access[] = ["viewer", "member", "admin", "local"];
  const table: readonly (readonly [string, Principal, readonly boolean[]])[] = [
    ["a viewer", holder("viewer"), [true, false, false, false]],
    ["a member", holder("member"), [true, true, false, false]],
    ["an admin", holder("admin"), [true, true, true, false]],
    ["the admin on the box", local, [true, true, true, true]],
  ];
  for (const [who, principal, expected] of table) {
    test(`lets ${who} do what the role allows and nothing more`, () => {
      expect(accesses.map((access) => allows(principal, access))).toEqual([...expected]);
    });
  }

  test("denies an access that it does not know", () => {
    expect(allows(local, "owner" as Access)).toBe(false);
  });

  test("says which role it takes and how to get it", () => {
    expect(() => authorize(holder("viewer"), "member", "job.submit")).toThrow(
      'job.submit takes the role member, and alice is a viewer. An admin can change that: "fetchml user set-role alice member".',
    );
    expect(() => authorize(holder("admin"), "local", "user.add")).toThrow(
      'user.add is for the admin on the box alone. Use the "fetchml" command there.',
    );
  });
});
