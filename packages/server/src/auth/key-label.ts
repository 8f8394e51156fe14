// The label of a key: shown in every list, so it must not hold a key.
import { containsApiKey, FetchmlError } from "@fetchml/protocol";

/** The label to be stored, `null` for none. @throws FetchmlError invalid-params, for one that holds an API key */
export function storedLabel(label: string | undefined): string | null {
  if (label === undefined) return null;
  if (!containsApiKey(label)) return label;
  throw new FetchmlError(
    "invalid-params",
    "The label holds an API key, which would be stored and shown in every list. Leave it out, and have that key revoked.",
  );
}
