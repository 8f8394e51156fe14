// Which secrets the caller has, for the queue to check those that a job asks for.
import type { Principal } from "../domain/principal.ts";
import type { Secrets } from "../secrets/secrets.ts";

/** Names of the caller's own secrets; the box's own admin has none. */
export async function secretNames(
  secrets: Pick<Secrets, "list">,
  principal: Principal,
): Promise<ReadonlySet<string>> {
  if (principal.kind !== "key") return new Set();
  return new Set((await secrets.list(principal.user)).map(({ name }) => name));
}
