// The table of who may do what, as tests.
import { describe, expect, test } from "bun:test";
import { ROLES, type Access } from "@fetchml/protocol";
import {
  isAdmin,
  isOwner,
  mayCall,
  mayControl,
  mayReadLog,
  maySeePrivate,
  type Principal,
} from "./principal.ts";

const ALICE = 1;
const SOMEBODY_ELSE = 2;

const WHO = {
  viewer: keyHolder("viewer"),
  member: keyHolder("member"),
  admin: keyHolder("admin"),
  local: { kind: "local", user: "root" } as const,
} satisfies Record<Access, Principal>;

const ACCESSES: readonly Access[] = [...ROLES, "local"];

describe("mayCall()", () => {
  const allowed: Record<Access, readonly Access[]> = {
    viewer: ["viewer"],
    member: ["viewer", "member"],
    admin: ["viewer", "member", "admin"],
    local: ["viewer", "member", "admin", "local"],
  };
  for (const who of ACCESSES) {
    test(`lets ${who} call exactly the methods for ${allowed[who].join(", ")}`, () => {
      expect(ACCESSES.filter((access) => mayCall(WHO[who], access))).toEqual([...allowed[who]]);
    });
  }
});

describe("a principal and a job:", () => {
  const acts = { isOwner, mayControl, maySeePrivate, mayReadLog };
  type Act = keyof typeof acts;
  const table: readonly (readonly [Access, own: readonly Act[], others: readonly Act[]])[] = [
    ["viewer", ["isOwner", "maySeePrivate", "mayReadLog"], ["mayReadLog"]],
    ["member", ["isOwner", "mayControl", "maySeePrivate", "mayReadLog"], []],
    [
      "admin",
      ["isOwner", "mayControl", "maySeePrivate", "mayReadLog"],
      ["mayControl", "maySeePrivate", "mayReadLog"],
    ],
    [
      "local",
      ["mayControl", "maySeePrivate", "mayReadLog"],
      ["mayControl", "maySeePrivate", "mayReadLog"],
    ],
  ];
  for (const [who, own, others] of table) {
    test(`${who} may ${list(own)} with the job of user ${ALICE}`, () => {
      expect(allowedActs(WHO[who], ALICE)).toEqual([...own]);
    });

    test(`${who} may ${list(others)} with somebody else's job`, () => {
      expect(allowedActs(WHO[who], SOMEBODY_ELSE)).toEqual([...others]);
    });
  }

  function allowedActs(principal: Principal, owner: number): Act[] {
    const names: readonly Act[] = ["isOwner", "mayControl", "maySeePrivate", "mayReadLog"];
    return names.filter((name) => acts[name](principal, owner));
  }

  function list(names: readonly Act[]): string {
    return names.length === 0 ? "nothing" : names.join(", ");
  }
});

describe("isAdmin()", () => {
  test("is true of the role admin and of the box's own admin, and of nobody else", () => {
    expect(ACCESSES.filter((who) => isAdmin(WHO[who]))).toEqual(["admin", "local"]);
  });
});

function keyHolder(role: "viewer" | "member" | "admin"): Principal {
  return {
    kind: "key",
    userId: ALICE,
    user: "alice",
    role,
    keyId: "ab12",
    keyLabel: null,
    keyExpiresAt: null,
    keySupersededBy: null,
  };
}
