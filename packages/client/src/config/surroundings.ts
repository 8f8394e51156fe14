// What reading the config depends on, handed in by whoever read the process's environment.

/** Variables, home and flags. */
export interface ConfigSurroundings {
  /**
   * Environment variables. Read are `ML_CONFIG`, `ML_API_KEY`, `ML_API_URL`, `ML_CA_FILE` and `ML_ALLOW_PLAINTEXT_KEY`; an
   * empty one counts as missing. All are passed on to `api_key_command`.
   */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
  readonly flags?: {
    /** `--api-url` */
    readonly apiUrl?: string;
    /** `--config` */
    readonly config?: string;
  };
}
