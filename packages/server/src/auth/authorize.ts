// Says whether somebody may make a call. Every carrier asks here, and nobody else decides.
import { FetchmlError, type Access } from "@fetchml/protocol";
import { mayCall, type Principal } from "../domain/principal.ts";

/**
 * Returns when the principal may do what has that access.
 * @param what the call, as the caller knows it: a method's name, or a verb and a path.
 * @throws FetchmlError not-allowed, which names the role it takes
 */
export function authorize(principal: Principal, access: Access, what: string): void {
  if (mayCall(principal, access)) return;
  throw new FetchmlError("not-allowed", refusal(principal, access, what), {
    details: { needs: access },
  });
}

function refusal(principal: Principal, access: Access, what: string): string {
  if (access === "local") {
    return `${what} is for the admin on the box alone. Use the "fetchml" command there.`;
  }
  const role = principal.kind === "local" ? "the box's own admin" : `a ${principal.role}`;
  return `${what} takes the role ${access}, and ${principal.user} is ${role}. An admin can change that: "fetchml user set-role ${principal.user} ${access}".`;
}
