// Reads `--env` options.
import { ENV_NAME, FetchmlError } from "@fetchml/protocol";

/**
 * Reads `K=V`, and `K` alone, which takes the value that the variable has here, as docker does. A later one wins.
 *
 * @throws FetchmlError usage for a bad name, and for a name alone that is not set here
 */
export function readEnvPairs(
  texts: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  if (texts.length === 0) return {};
  return Object.fromEntries(texts.map((text) => readPair(text, variables)));
}

function readPair(
  text: string,
  variables: Readonly<Record<string, string | undefined>>,
): readonly [name: string, value: string] {
  const equals = text.indexOf("=");
  const name = equals === -1 ? text : text.slice(0, equals);
  // Only the name is shown: the value may be a secret.
  if (!ENV_NAME.test(name)) {
    throw usage(
      `${JSON.stringify(name)} cannot be a variable: it takes letters, digits and "_", no digit first.`,
    );
  }
  const value = equals === -1 ? variables[name] : text.slice(equals + 1);
  if (value !== undefined) return [name, value];
  throw usage(`The variable ${name} is not set here. Say what it should be: --env ${name}=VALUE.`);
}

function usage(message: string): FetchmlError {
  return new FetchmlError("usage", message);
}
