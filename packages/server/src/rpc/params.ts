// Checks a call's parameters against the method table.
import { FetchmlError, type MethodName, type ParamsOf } from "@fetchml/protocol";
import { METHODS } from "@fetchml/protocol/schemas";
import { compileAccepts, type Accepts } from "./accepts.ts";
import { problemText, strangePath } from "./params-problem.ts";

/**
 * The parameters as the method wants them. Left out altogether they count as `{}`. A field that the method does not know
 * is refused: dropped in silence, a slip of the pen would do something else than was asked for.
 * @throws FetchmlError invalid-params
 */
export function parseParams<M extends MethodName>(method: M, params: unknown): ParamsOf<M> {
  const input = params ?? {};
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is accepted is what the schema would make of it
  if (acceptsOf(method)(input)) return input as ParamsOf<M>;
  if (Array.isArray(input)) {
    throw invalidParams(method, "parameters are given by name, as an object");
  }
  const parsed = METHODS[method].params.safeParse(input);
  if (!parsed.success) throw invalidParams(method, problemText(parsed.error.issues, input));
  const strange = strangePath(input, parsed.data);
  if (strange !== null) throw invalidParams(method, `${strange}: does not belong here`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table's own schema for M has just read it
  return parsed.data as ParamsOf<M>;
}

const compiled = new Map<MethodName, Accepts>();

/** Compiled when it is first asked for: most servers are never asked for most methods. */
function acceptsOf(method: MethodName): Accepts {
  const known = compiled.get(method);
  if (known !== undefined) return known;
  const accepts = compileAccepts(METHODS[method].params);
  compiled.set(method, accepts);
  return accepts;
}

function invalidParams(method: MethodName, problem: string): FetchmlError {
  return new FetchmlError("invalid-params", `Cannot call ${method}: ${problem}.`);
}
