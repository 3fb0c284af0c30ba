/**
 * A stream of chance, for jitter and the like. The one identity drawn from it is the birth of a data directory, so no
 * two processes may share a stream.
 */
export interface Random {
  /** Uniform in 0 .. 2^32 - 1. */
  u32(): number;
}
