// Makes keys: draws an id that is free and a secret.
import { FetchmlError, generateApiKey, generateKeyId, hashApiKey } from "@fetchml/protocol";
import { keyIdExists } from "../store/api-keys.ts";
import type { AuthContext } from "./context.ts";

/** Draws of an id before giving up; with a thousand keys one draw in a thousand meets a taken one. */
const MOST_DRAWS = 100;

/** A key that no other has the id of, with its hash. */
export interface NewKey {
  readonly id: string;
  readonly apiKey: string;
  readonly apiKeyHash: string;
}

/** Makes a key; nothing is stored. @throws FetchmlError conflict, when ids run out */
export function makeKey({ db, randomBytes }: AuthContext): NewKey {
  for (let draw = 0; draw < MOST_DRAWS; draw++) {
    const id = generateKeyId(randomBytes);
    if (keyIdExists(db, id)) continue;
    const apiKey = generateApiKey({ id, randomBytes });
    return { id, apiKey, apiKeyHash: hashApiKey(apiKey) };
  }
  throw new FetchmlError(
    "conflict",
    "No free key id was found: nearly all of the million ids are taken.",
  );
}
