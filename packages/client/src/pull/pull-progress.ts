// Adds up how far the downloads of a pull are.

/**
 * How far a pull is; bytes of content that this pull fetches, without what was here before. What is done never gets less, and is
 * never more than the total, which follows what the files turn out to be.
 */
export interface PullProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** Told how much of a file is here, and how large it is by now; `null`: no more of it comes. */
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
   * at the first telling counts for nothing. Of what has to be fetched again only that counts which goes beyond the first time, and
   * what has come of a file before the `null` stays in the sum.
   */
  add(expectedBytes: number): TellPlace {
    let first: number | null = null;
    let [done, total] = [0, expectedBytes];
    this.#totalBytes += total;
    return (place) => {
      const before = { done, total };
      if (place === null) total = done;
      else {
        first = Math.min(first ?? place.doneBytes, place.doneBytes);
        done = Math.max(done, place.doneBytes - first);
        total = Math.max(done, place.sizeBytes - first);
      }
      this.#doneBytes += done - before.done;
      this.#totalBytes += total - before.total;
      this.#tell({ doneBytes: this.#doneBytes, totalBytes: this.#totalBytes });
    };
  }
}
