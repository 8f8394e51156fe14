// How this invocation shows things: colours and width of standard output.
import { isSet } from "./args/option-values.ts";
import type { Invocation } from "./command.ts";
import type { Environment } from "./environment.ts";
import type { Output } from "./output.ts";
import { paletteFor, type Palette } from "./render/palette.ts";

/** The palette for one output: `--no-color`, `NO_COLOR` and a dumb terminal switch colours off. */
export function paletteOf(
  output: Output,
  invocation: Invocation,
  environment: Environment,
): Palette {
  const { NO_COLOR, TERM } = environment.variables;
  const wanted =
    !isSet(invocation.options, "no-color") &&
    (NO_COLOR === undefined || NO_COLOR === "") &&
    TERM !== "dumb";
  return paletteFor(output, wanted);
}

/** How wide a line may be: the terminal's width, or no limit where another program reads. */
export function widthOf(output: Output): number {
  return output.isTerminal ? output.columns : Infinity;
}

/** Whether the data is wanted as JSON. */
export function wantsJson(invocation: Invocation): boolean {
  return isSet(invocation.options, "json");
}
