/** A stream of chance: jitter and the like, never identity. */
export interface Random {
  /** Uniform in 0 .. 2^32 - 1. */
  u32(): number;
}
