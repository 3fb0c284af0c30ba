/**
 * The Redis whose commands and words this face follows. Clients compare it to decide what they may send; what
 * is not offered is refused in words.
 */
export const REDIS_VERSION = "7.2.0";
