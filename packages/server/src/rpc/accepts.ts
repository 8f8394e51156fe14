// Compiles a schema to a quick look, which says of nearly every good value that it is good.
import type * as z from "zod/mini";
import { isPlainObject } from "./plain-object.ts";

/** Whether a value fits; `false` says only that the schema itself has to be asked. */
export type Accepts = (value: unknown) => boolean;

type Schema = z.core.$ZodType;
type Check = z.core.$ZodCheck;

/**
 * A look at values that came from JSON. What it accepts the schema parses to the same value, and drops no field of it. What it does
 * not know, such as a default or a transformation, it does not accept. To parse makes a copy and two objects for each part of it,
 * which was a sixth of the cost of a submit.
 */
export function compileAccepts(schema: Schema): Accepts {
  const fits = compileType(schema);
  const [pass, ...others] = checksOf(schema).map(compileCheck);
  if (pass === undefined) return fits;
  if (others.length === 0) return (value) => fits(value) && pass(value);
  return (value) => fits(value) && pass(value) && others.every((other) => other(value));
}

function compileType(schema: Schema): Accepts {
  const def = defOf(schema);
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- what is not named here is never accepted
  switch (def.type) {
    case "string":
    case "boolean":
      return (value) => typeof value === def.type;
    case "number":
      return Number.isFinite;
    case "enum":
    case "literal": {
      const values: ReadonlySet<unknown> = innerOf(schema).values ?? new Set();
      return (value) => values.has(value);
    }
    case "nullable": {
      const accepts = compileAccepts(def.innerType);
      return (value) => value === null || accepts(value);
    }
    case "optional":
      return compileAccepts(def.innerType);
    case "array": {
      const accepts = compileAccepts(def.element);
      return (value) => Array.isArray(value) && value.every((each) => accepts(each));
    }
    case "record":
      return compileRecord(def);
    case "object":
      return compileObject(def.shape);
    case "union":
      return compileUnion(def.options);
    default:
      return () => false;
  }
}

function compileObject(shape: Readonly<Record<string, Schema>>): Accepts {
  const fields = Object.entries(shape).map(([name, schema]) => {
    const isOptional = defOf(schema).type === "optional";
    return { name, isOptional, accepts: compileAccepts(schema) };
  });
  return (value) => {
    if (!isPlainObject(value)) return false;
    let known = 0;
    for (const { name, isOptional, accepts } of fields) {
      const field = value[name];
      if (field === undefined && isOptional) continue;
      if (!accepts(field)) return false;
      known += 1;
    }
    return Object.keys(value).length === known;
  };
}

function compileRecord({ keyType, valueType }: z.core.$ZodRecordDef): Accepts {
  // Keys that are listed must all be there.
  if (innerOf(keyType).values !== undefined) return () => false;
  const acceptsKey = compileAccepts(keyType);
  const acceptsValue = compileAccepts(valueType);
  return (value) => {
    if (!isPlainObject(value)) return false;
    for (const key of Object.keys(value)) {
      // Of this one a schema says nothing: it drops it.
      if (key === "__proto__") return false;
      if (!acceptsKey(key) || !acceptsValue(value[key])) return false;
    }
    return true;
  };
}

/** The first form that fits counts, and one that fits may do so by dropping fields that a later one has. */
function compileUnion(options: readonly Schema[]): Accepts {
  const [accepts, ...others] = options.map(compileAccepts);
  if (accepts === undefined) return () => false;
  const acceptsOther = others.map((other, at) => (value: unknown) => {
    const isEarlier = (option: Schema) => parses(option, value);
    return other(value) && !options.slice(0, at + 1).some(isEarlier);
  });
  return (value) => accepts(value) || acceptsOther.some((other) => other(value));
}

function parses(schema: Schema, value: unknown): boolean {
  const result = innerOf(schema).run({ value, issues: [] }, { async: false });
  return !(result instanceof Promise) && result.issues.length === 0;
}

function checksOf(schema: Schema): readonly Check[] {
  const checks = defOf(schema).checks ?? [];
  return isCheck(schema) ? [schema, ...checks] : checks;
}

function isCheck(schema: Schema): schema is Schema & Check {
  return innerOf(schema).traits.has("$ZodCheck");
}

function compileCheck(check: Check): Accepts {
  const { _zod: inner } = check;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- zod has no other checks
  const def = inner.def as z.core.$ZodChecks["_zod"]["def"];
  if (def.check === "number_format" && def.format === "safeint") return Number.isSafeInteger;
  if (def.check === "greater_than" && def.inclusive) return isAtLeast(Number(def.value));
  if (def.check === "less_than" && def.inclusive) return isAtMost(Number(def.value));
  if (def.check === "max_length") return isNoLonger(def.maximum);
  return (value) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its type was looked at before its checks
    const payload = { value: value as never, issues: [] };
    const isAsync = inner.check(payload) instanceof Promise;
    return !isAsync && payload.issues.length === 0 && payload.value === value;
  };
}

function isAtLeast(least: number): Accepts {
  return (value) => typeof value === "number" && value >= least;
}

function isAtMost(most: number): Accepts {
  return (value) => typeof value === "number" && value <= most;
}

/** In UTF-16 units, of which a text has at least as many as it has characters. */
function isNoLonger(most: number): Accepts {
  return (value) => (typeof value === "string" || Array.isArray(value)) && value.length <= most;
}

function defOf(schema: Schema): z.core.$ZodTypes["_zod"]["def"] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- zod has no other types of schemas
  return innerOf(schema).def as z.core.$ZodTypes["_zod"]["def"];
}

/** What zod keeps for those who build on it. */
function innerOf(schema: Schema): Schema["_zod"] {
  const { _zod: inner } = schema;
  return inner;
}
