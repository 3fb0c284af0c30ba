/** Bits of messages that only the encoders and the decoder know. */
export const REPLICATE_FSYNC = 1;
export const REPLICATE_OVERWRITE = 2;
export const REPLICATED_FSYNCED = 1;
export const REPLICATED_EXISTED = 2;
export const READ_HEAD_ONLY = 1;
export const READ_LATEST = 2;
/** Beside the WRITE_* of `messages.ts`: a token stands at the end. */
export const WRITE_HAS_CONTEXT = 8;
export const CONFLICTS_HAS_CURSOR = 1;
export const CONFLICTS_HAS_KEY = 2;
export const PREPARED_SAME = 1;
export const DONE_EXISTED = 1;
export const DONE_HAS_BYTES = 2;
export const DONE_HAS_RECEIPT = 4;
export const WRITTEN_EXISTED = 1;
export const WRITTEN_HAS_RECEIPT = 2;
