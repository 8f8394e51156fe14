// The name of one attempt.

/** Names one attempt everywhere, on disk as `12.2`. */
export interface AttemptKey {
  readonly jobId: number;
  readonly attempt: number;
}
