/**
 * A stream of chance, for jitter and the like. Two identities are drawn from it, the birth of a data directory and the
 * session of a process, so no two processes may share a stream.
 */
export interface Random {
  /** Uniform in 0 .. 2^32 - 1. */
  u32(): number;
}
