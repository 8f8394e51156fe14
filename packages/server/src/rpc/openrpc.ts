// The OpenRPC 1.3 document of the API (https://spec.open-rpc.org), made from the method table.
import {
  ERROR_CODES,
  errorCodeEntry,
  isErrorCode,
  PRODUCT_VERSION,
  PROTOCOL_VERSION,
} from "@fetchml/protocol";
import { METHODS, NOTIFICATIONS } from "@fetchml/protocol/schemas";
import * as z from "zod/mini";
import { isPlainObject } from "./plain-object.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/** The document. It is made by the first call, which takes some 15 ms, and belongs to all: nobody may change it. */
export function openRpcDocument(): Record<string, unknown> {
  return (document ??= makeDocument());
}

let document: Record<string, unknown> | undefined;

function makeDocument(): Record<string, unknown> {
  return {
    openrpc: "1.3.2",
    info: {
      title: "FetchML",
      version: PRODUCT_VERSION,
      description: `Protocol version ${PROTOCOL_VERSION}. Parameters are given by name. Times are epoch milliseconds.`,
    },
    methods: Object.entries(METHODS).map(([name, method]) => ({
      name,
      summary: method.summary,
      paramStructure: "by-name",
      params: paramsOf(schemaOf(method.params)),
      result: { name: "result", schema: schemaOf(method.result) },
      "x-access": method.access,
    })),
    "x-notifications": Object.entries(NOTIFICATIONS).map(([name, notification]) => ({
      name,
      summary: notification.summary,
      params: paramsOf(schemaOf(notification.params)),
    })),
    components: { errors: errors() },
  };
}

function schemaOf(schema: z.core.$ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "output", unrepresentable: "any" });
  return rest;
}

/** OpenRPC lists parameters one by one. One that only some forms of a call have is optional. */
function paramsOf(schema: JsonSchema): readonly JsonSchema[] {
  const forms = isList(schema["anyOf"]) ? schema["anyOf"] : [schema];
  const byName = new Map<string, JsonSchema>();
  for (const form of forms) {
    for (const [name, value] of Object.entries(properties(form))) {
      const isRequired = forms.every((each) => list(each["required"]).includes(name));
      byName.set(name, { name, required: isRequired, schema: value });
    }
  }
  return [...byName.values()];
}

function errors(): JsonSchema {
  return Object.fromEntries(
    Object.keys(ERROR_CODES)
      .filter(isErrorCode)
      .map((code) => {
        const { rpc, meaning, http, exit } = errorCodeEntry(code);
        return [
          code,
          { code: rpc, message: meaning, data: { code }, "x-http": http, "x-exit": exit },
        ];
      }),
  );
}

function properties(schema: JsonSchema): JsonSchema {
  return isPlainObject(schema["properties"]) ? schema["properties"] : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isList(value: unknown): value is readonly JsonSchema[] {
  return Array.isArray(value);
}
