// Tells objects from everything else that JSON can hold.

/** Whether a value that came from JSON is an object, and neither a list nor `null`. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
