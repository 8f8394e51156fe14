// Makes a value with keys in it print without them.

/**
 * The same object; `console.log`, `util.inspect`, a template and `JSON.stringify` show the fields of that name as `[hidden]`
 * from now on, unless they are `null`. A copy of it made with `...` prints what it holds.
 */
export function withHiddenKeys<T extends object>(value: T, names: readonly (keyof T)[]): T {
  const shown = () => ({
    ...value,
    ...Object.fromEntries(
      names.flatMap((name) => (value[name] === null ? [] : [[name, "[hidden]"]])),
    ),
  });
  return Object.defineProperties(value, {
    toJSON: { value: shown },
    [Symbol.for("nodejs.util.inspect.custom")]: { value: shown },
  });
}
