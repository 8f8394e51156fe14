// The one redactor: takes secrets out of whatever is going to be logged.
import { redactApiKeys } from "@fetchml/protocol";

/**
 * The value with every API key, every SHA-256 in hex and every Authorization header hidden, however deep they lie.
 * Fields whose name says that they hold a secret are hidden whole. Errors become plain objects with their stack.
 * Anything deeper than ten levels is left out, so that a value that holds itself does no harm.
 */
export function redact(value: unknown): unknown {
  return redactWithin(value, 0);
}

/** The same for text. An api_key_hash looks like any other SHA-256 in hex, so all of them go. */
export function redactText(text: string): string {
  return redactApiKeys(text).replace(AUTHORIZATION, "$1 [hidden]").replace(SHA256, "[hidden]");
}

const AUTHORIZATION = /\b(bearer|basic)\s+[^\s",]+/gi;
const SHA256 = /(?<![0-9a-z])[0-9a-f]{64}(?![0-9a-z])/gi;
const SECRET_FIELD = /^(api_?key(_?hash)?|authorization|cookie|password|secret)$/i;
const DEEPEST = 10;

function redactWithin(value: unknown, depth: number): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (depth === DEEPEST) return "…";
  if (value instanceof Error) return redactWithin(errorFields(value), depth + 1);
  if (Array.isArray(value)) return value.map((each) => redactWithin(each, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      redactText(name),
      SECRET_FIELD.test(name) ? "[hidden]" : redactWithin(each, depth + 1),
    ]),
  );
}

function errorFields(error: Error): Readonly<Record<string, unknown>> {
  return {
    name: error.name,
    message: error.message,
    ...("code" in error && { code: error.code }),
    stack: error.stack,
    ...(error.cause !== undefined && { cause: error.cause }),
  };
}
