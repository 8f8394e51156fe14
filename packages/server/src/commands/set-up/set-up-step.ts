// One thing that `fetchml init` does: what it says before, and whether it is done already.

/** A step of the set-up. */
export type SetUpStep =
  | {
      readonly isDone: true;
      /** What is there, as a sentence without a full stop. */
      readonly says: string;
    }
  | {
      readonly isDone: false;
      /** What will be done, in the imperative, without a full stop. */
      readonly says: string;
      /** Does it. @throws FetchmlError when it cannot be done */
      readonly act: () => void | Promise<void>;
    };
