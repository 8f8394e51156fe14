// Reads the names of the secrets that a job is to get.
import { ENV_NAME, FetchmlError } from "@fetchml/protocol";
import { textsOf, type OptionValues } from "./option-values.ts";

/** The values of `--secret`, each once. @throws FetchmlError usage for one that is no name, such as `NAME=VALUE` */
export function readSecretNames(options: OptionValues): readonly string[] {
  const names = textsOf(options, "secret");
  if (names.length === 0) return names;
  if (names.every((name) => ENV_NAME.test(name) && name.length <= 64)) return [...new Set(names)];
  // What was typed is not repeated: it may hold the value.
  throw new FetchmlError(
    "usage",
    '--secret takes the name of a secret, such as HF_TOKEN, and never its value.\n"ml secret set HF_TOKEN" keeps the value; "ml secret list" shows the names.',
  );
}
