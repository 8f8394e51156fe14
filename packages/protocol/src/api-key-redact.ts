// Hides API keys in text that is going to be shown or logged.

import { keyIdOf } from "./api-key.ts";

/**
 * Replaces every key in `text`: one in the strict form by `fetchml_ID…[hidden]` with its public id, a mistyped one
 * by `fetchml_…[hidden]`. Mistyped means `fetchml_` in any case, then at least 16 letters or digits of any script,
 * or at least four groups of four, as keys are read out. Shorter names such as `fetchml_jobs_total` stay. Takes time
 * linear in the length of the text. A key without its prefix, or one cut in two by the end of the text, is not
 * recognised: give whole lines.
 */
export function redactApiKeys(text: string): string {
  return text.replace(KEY_LIKE, (match) => `fetchml_${keyIdOf(match) ?? ""}…[hidden]`);
}

// Groups first: the first group alone is too short for the other form. The id is public only where it surely is one.
const KEY_LIKE =
  /fetchml(?:_|%5f)(?:[\p{L}\p{N}\p{M}\p{Cf}]{16,}|(?:[0-9a-z]{4}[\s\p{Pd}_.*|]{1,3}){4,}[0-9a-z]{0,4})/giu;
