// Options that several commands about keys share.
import { FetchmlError, parseDuration } from "@fetchml/protocol";

/** How long a key is valid, in milliseconds: `undefined` leaves the default, `null` means never. @throws FetchmlError usage */
export function parseExpires(text: string | boolean | undefined): number | null | undefined {
  if (typeof text !== "string") return undefined;
  if (text === "never") return null;
  const ms = parseDuration(text);
  if (ms !== null && ms >= 60_000) return ms;
  throw new FetchmlError(
    "usage",
    `--expires takes a time such as 180d or 12h, at least a minute, or never; not ${JSON.stringify(text)}.`,
  );
}

/** One key by its id, or a user's by the name. @throws FetchmlError usage, when neither or both are given */
export function parseTarget(
  id: string | undefined,
  user: string | boolean | undefined,
): { readonly id: string } | { readonly user: string } {
  if (typeof user === "string" && id === undefined) return { user };
  if (id !== undefined && user === undefined) return { id };
  throw new FetchmlError(
    "usage",
    "Name a key by its id, or a user with --user USER: one of the two.\nThe ids: fetchml key list",
  );
}
