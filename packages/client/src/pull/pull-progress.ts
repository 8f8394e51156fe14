// Adds up how far the downloads of a pull are.

/** How far a pull is; bytes of content that this pull fetches, without what was here before. */
export interface PullProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** Told how much of a file is here, and how large it is by now; `null` takes it out of the sum. */
export type TellPlace = (
  place: { readonly doneBytes: number; readonly sizeBytes: number } | null,
) => void;

/** The sum over all files of one pull. */
export class ProgressSum {
  readonly #tell: (progress: PullProgress) => void;
  #doneBytes = 0;
  #totalBytes = 0;

  constructor(tell: (progress: PullProgress) => void) {
    this.#tell = tell;
  }

  /**
   * Counts in a file of that size. Tell what it returns how much of the file is here, and how large it is by now; what was here
   * at the first telling counts for nothing. `null` takes the file out again.
   */
  add(expectedBytes: number): TellPlace {
    let first: number | null = null;
    let [done, total] = [0, expectedBytes];
    this.#totalBytes += total;
    return (place) => {
      first = place === null ? 0 : Math.min(first ?? place.doneBytes, place.doneBytes);
      const now = place === null ? [0, 0] : [place.doneBytes - first, place.sizeBytes - first];
      const [doneNow = 0, totalNow = 0] = now;
      this.#doneBytes += doneNow - done;
      this.#totalBytes += totalNow - total;
      [done, total] = [doneNow, totalNow];
      this.#tell({ doneBytes: this.#doneBytes, totalBytes: this.#totalBytes });
    };
  }
}
