// The projects that are sent in measurements, made from nothing but a number.
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A kind of project. */
export interface TreeKind {
  readonly name: string;
  readonly files: number;
  /** Mean length of a file; small ones are text, of which there are short and long ones. */
  readonly meanBytes: number;
}

/** Those of the table. */
export const TREE_KINDS: readonly TreeKind[] = [
  { name: "1 file", files: 1, meanBytes: 4000 },
  { name: "1,000 files", files: 1000, meanBytes: 4000 },
  { name: "20,000 files", files: 20_000, meanBytes: 4000 },
  { name: "10 MB", files: 1, meanBytes: 10_000_000 },
  { name: "1 GB", files: 1, meanBytes: 1_000_000_000 },
];

/** Whether it is one large file. */
export function isLarge({ files, meanBytes }: TreeKind): boolean {
  return files === 1 && meanBytes > 1_000_000;
}

/** Writes a project into a folder, which is made; answers its bytes. */
export function writeProject(folder: string, kind: TreeKind): number {
  const { files, meanBytes } = kind;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "ml.toml"), LIMITS);
  if (isLarge(kind)) return writeNoise(join(folder, "data.bin"), meanBytes);
  const random = sequence(files);
  let total = 0;
  for (let index = 0; index < files; index++) {
    const path = join(folder, pathOf(index, files));
    mkdirSync(dirname(path), { recursive: true });
    const length = files === 1 ? meanBytes : Math.ceil(-Math.log(1 - random()) * meanBytes);
    const text = sourceText(length, random);
    writeFileSync(path, text);
    total += text.length;
  }
  return total;
}

/** Changes one file, as an editor does. */
export function changeOne(folder: string, kind: TreeKind, turn: number): void {
  // The program, not the data, where there is data.
  const path = isLarge(kind) ? "ml.toml" : pathOf(Math.floor(kind.files / 2), kind.files);
  appendFileSync(join(folder, path), `# ${turn}\n`);
}

const LIMITS = '[project]\nmax_size = "4G"\nmax_file_size = "4G"\n';

function pathOf(index: number, files: number): string {
  return files === 1 ? "train.py" : `package_${index % Math.ceil(files / 100)}/module_${index}.py`;
}

/** Bytes that no compression makes smaller. */
function writeNoise(path: string, bytes: number): number {
  writeFileSync(path, "");
  const piece = new Uint8Array(1_000_000);
  for (let at = 0; at < bytes; at += piece.length) {
    for (let from = 0; from < piece.length; from += 50_000) {
      crypto.getRandomValues(piece.subarray(from, from + 50_000));
    }
    appendFileSync(path, piece.subarray(0, Math.min(piece.length, bytes - at)));
  }
  return bytes;
}

const WORDS =
  "import torch def forward self x return model loss optimizer for batch in loader if epoch range lr weight grad".split(
    " ",
  );

/** Text that is as much like itself as source code: zstd makes a quarter of it. */
function sourceText(length: number, random: () => number): string {
  const parts: string[] = [];
  for (let size = 0; size < length;) {
    const word = WORDS[Math.floor(random() * WORDS.length)] ?? "";
    const part = random() < 0.15 ? `${word}_${Math.floor(random() * 1000)}\n    ` : `${word} `;
    parts.push(part);
    size += part.length;
  }
  return parts.join("").slice(0, length);
}

/** Numbers from 0 up to 1, the same ones for the same seed: a linear congruence with the constants of Numerical Recipes. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
