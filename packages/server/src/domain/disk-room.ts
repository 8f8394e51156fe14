// How much room the disk has, as whoever takes something new is told.

/** The disk of the data folder now, in bytes. */
export interface DiskView {
  readonly size_bytes: number;
  /** What the server's account may still take. */
  readonly free_bytes: number;
  /** What is kept free for running jobs and the database: with less free, nothing new is taken. */
  readonly reserve_bytes: number;
  /** `null` where the file system takes files as long as it has bytes. */
  readonly files: FilesView | null;
}

/** How many files and folders the disk takes, however small they are: many file systems settle that when they are made. */
export interface FilesView {
  /** How many more. */
  readonly free: number;
  /** How many of them are kept for running jobs and the database. */
  readonly reserve: number;
}

/** Whether less is free than is to be kept free, of bytes or of files. */
export function isShortIn({ free_bytes, reserve_bytes, files }: DiskView): boolean {
  return free_bytes < reserve_bytes || (files !== null && files.free < files.reserve);
}

/** What something new takes of a disk. */
export interface RoomNeed {
  /** At least 0. */
  readonly bytes: number;
  /** Files and folders; default 0. */
  readonly files?: number;
  /** What others that were taken before have still to write; bytes, default 0. */
  readonly promisedBytes?: number;
  /** The same in files and folders. */
  readonly promisedFiles?: number;
  /** What lies there already for it alone, and goes when it is refused; bytes, default 0. */
  readonly writtenBytes?: number;
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
   * @param what as in "Cannot take the project"
   * @throws FetchmlError disk-full
   */
  refuseUnlessRoomFor(need: RoomNeed, what: string): void;
}
