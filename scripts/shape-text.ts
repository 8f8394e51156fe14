// Writes a JSON Schema as a short TypeScript-like shape, for documents.

interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly $ref?: string;
}

/** The shape that a JSON Schema describes, such as `{ id: integer, name: string }`. */
export function shapeText(schema: unknown): string {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- zod's toJSONSchema uses these keywords only
  return shape(schema as Schema);
}

function shape(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.split("/").at(-1) ?? schema.$ref;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((each) => JSON.stringify(each)).join(" | ");
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) return options.map(shape).join(" | ");
  if (schema.type === "array") return `${group(shape(schema.items ?? {}))}[]`;
  if (schema.type === "object") return objectShape(schema);
  return String(schema.type ?? "any");
}

function objectShape({ properties = {}, required = [], additionalProperties }: Schema): string {
  const fields = Object.entries(properties).map(
    ([name, field]) => `${name}${required.includes(name) ? "" : "?"}: ${shape(field)}`,
  );
  if (typeof additionalProperties === "object" && fields.length === 0) {
    return `{ [name]: ${shape(additionalProperties)} }`;
  }
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}

function group(text: string): string {
  return text.includes(" | ") ? `(${text})` : text;
}
