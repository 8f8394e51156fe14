// How much room the disk has, as whoever takes something new is told.

/** The disk of the data folder now, in bytes. */
export interface DiskView {
  readonly size_bytes: number;
  /** What the server's account may still take. */
  readonly free_bytes: number;
  /** What is kept free for running jobs and the database: with less free, nothing new is taken. */
  readonly reserve_bytes: number;
}

/** The disk of one data folder. Each look asks the system anew, which takes 2 µs. */
export interface DiskRoom {
  look(): DiskView;
  /** Whether less is free than is to be kept free. */
  isShort(): boolean;
  /**
   * Refuses what is new when room is short, by a look of this turn of the event loop.
   * @param what as in "Cannot queue the job"
   * @throws FetchmlError disk-full
   */
  refuseWhenShort(what: string): void;
  /**
   * Refuses what would leave less free than is to be kept free, by a look of this moment.
   * @param bytes what it takes, at least 0
   * @param what as in "Cannot take the project"
   * @throws FetchmlError disk-full
   */
  refuseUnlessRoomFor(bytes: number, what: string): void;
}
