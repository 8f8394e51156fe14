// The options that every command takes.
import type { OptionSpecs } from "../command.ts";

/** Options of every command, before or after the verb. */
export const GLOBAL_OPTIONS = {
  help: { type: "boolean", short: "h", help: "show help and stop" },
  json: { type: "boolean", help: "print one JSON value, in the shapes of the API" },
  "api-url": { type: "string", value: "URL", help: "the server, such as ws://localhost:9100/ws" },
  config: { type: "string", value: "FILE", help: "instead of ~/.ml/config.toml" },
  "no-color": { type: "boolean", help: "no colours" },
  debug: { type: "boolean", help: "tell more about errors; never shows a key" },
} as const satisfies OptionSpecs;

/** Whether this is the long name of an option of every command that takes a value. */
export function isValueOption(name: string): boolean {
  const specs: OptionSpecs = GLOBAL_OPTIONS;
  return Object.hasOwn(specs, name) && specs[name]?.type === "string";
}
