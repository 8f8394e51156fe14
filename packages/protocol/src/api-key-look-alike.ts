// Cyrillic and Greek letters that the eye takes for the Latin ones of a key.

/** A letter that is not Latin, and the Latin letter, in lower case, that it looks like. */
export interface LookAlike {
  readonly script: "Cyrillic" | "Greek";
  readonly looksLike: string;
}

/** What this one letter looks like; `undefined` for a letter that deceives nobody. */
export function lookAlikeOf(letter: string): LookAlike | undefined {
  return LOOK_ALIKES.get(letter);
}

// Capitals stand apart from small letters: `В` looks like `B`, but `в` like nothing.
const ROWS = {
  Cyrillic: [
    ["аА", "a"],
    ["ВЬь", "b"],
    ["сС", "c"],
    ["ԁ", "d"],
    ["еЕёЁ", "e"],
    ["Ԍ", "g"],
    ["һН", "h"],
    ["іІїЇ", "i"],
    ["јЈ", "j"],
    ["кК", "k"],
    ["ӏӀ", "l"],
    ["мМ", "m"],
    ["оО", "o"],
    ["рР", "p"],
    ["ԛԚ", "q"],
    ["ѕЅ", "s"],
    ["тТ", "t"],
    ["ѵѴ", "v"],
    ["ԝԜ", "w"],
    ["хХ", "x"],
    ["уУүҮ", "y"],
    ["зЗ", "3"],
    ["б", "6"],
  ],
  Greek: [
    ["αΑ", "a"],
    ["Β", "b"],
    ["ϲϹ", "c"],
    ["εΕ", "e"],
    ["Η", "h"],
    ["ιΙ", "i"],
    ["ϳ", "j"],
    ["κΚ", "k"],
    ["Μ", "m"],
    ["Ν", "n"],
    ["οΟσ", "o"],
    ["ρΡ", "p"],
    ["τΤ", "t"],
    ["ν", "v"],
    ["ω", "w"],
    ["χΧ", "x"],
    ["γΥ", "y"],
    ["Ζ", "z"],
  ],
} as const;

const LOOK_ALIKES: ReadonlyMap<string, LookAlike> = new Map(
  (["Cyrillic", "Greek"] as const).flatMap((script) =>
    ROWS[script].flatMap(([letters, looksLike]) =>
      Array.from(letters, (letter): [string, LookAlike] => [letter, { script, looksLike }]),
    ),
  ),
);
