/**
 * What a hostile or broken client may send, and what becomes of it. `error`: the text that ends the connection.
 * `served`: how many commands come out before that, or before the end when there is no error.
 */
export interface HostileInput {
  readonly name: string;
  readonly bytes: string;
  readonly served: number;
  readonly error: string | null;
}

const MULTIBULK = "Protocol error: invalid multibulk length";
const BULK = "Protocol error: invalid bulk length";
const TERMINATOR = "Protocol error: bulk string does not end with CRLF";
const UNBALANCED = "Protocol error: unbalanced quotes in request";

function broken(name: string, bytes: string, error: string, served = 0): HostileInput {
  return { name, bytes, served, error };
}

function harmless(name: string, bytes: string, served: number): HostileInput {
  return { name, bytes, served, error: null };
}

/** None is long, so that each can be split at every byte. Each is followed by nothing. */
export const HOSTILE_INPUTS: readonly HostileInput[] = [
  harmless("empty line", "\r\n", 0),
  harmless("empty lines, then a command", "\r\n\n\r\nPING\r\n", 1),
  harmless("a line of spaces", "   \t \r\n", 0),
  harmless("negative count, then a command", "*-10\r\nPING\r\n", 1),
  harmless("empty and null arrays, then a command", "*0\r\n*-1\r\n*1\r\n$4\r\nPING\r\n", 1),
  broken("count above the limit", "*20000000\r\n", MULTIBULK),
  broken("count just above 32 bits", "*2147483648\r\n", MULTIBULK),
  broken("count above 64 bits", "*9223372036854775808\r\n", MULTIBULK),
  broken("count without digits", "*\r\n", MULTIBULK),
  broken("count of words", "*abc\r\n", MULTIBULK),
  broken("count with a plus", "*+1\r\n$4\r\nPING\r\n", MULTIBULK),
  broken("count with a space before", "* 1\r\n$4\r\nPING\r\n", MULTIBULK),
  broken("count with a space after", "*1 \r\n$4\r\nPING\r\n", MULTIBULK),
  broken("count in hex", "*0x1\r\n$4\r\nPING\r\n", MULTIBULK),
  broken("count with an exponent", "*1e0\r\n$4\r\nPING\r\n", MULTIBULK),
  broken("count with a leading zero", "*01\r\n$4\r\nPING\r\n", MULTIBULK),
  broken("count of minus", "*-\r\n", MULTIBULK),
  broken("count of minus zero", "*-0\r\n", MULTIBULK),
  broken("count ended by LF alone", "*1\n$4\r\nPING\r\n", MULTIBULK),
  broken("count ended by CR and something else", "*1\rX$4\r\nPING\r\n", MULTIBULK),
  broken("count of endless digits", `*${"1".repeat(200)}`, "Protocol error: too big mbulk count string"),
  broken("NUL for a count", `*\0${"A".repeat(50)}`, MULTIBULK),
  broken("negative bulk length", "*1\r\n$-10\r\n", BULK),
  broken("null bulk in a request", "*2\r\n$4\r\nPING\r\n$-1\r\n", BULK),
  broken("bulk length above 512 MB", "*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$2000000000\r\n", BULK),
  broken("bulk length of 64 bits", "*1\r\n$9223372036854775807\r\n", BULK),
  broken("bulk length above 64 bits", "*1\r\n$18446744073709551617\r\n", BULK),
  broken("bulk length of words", "*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$blabla\r\n", BULK),
  broken("bulk length without digits", "*1\r\n$\r\n", BULK),
  broken("bulk length with a plus", "*1\r\n$+4\r\nPING\r\n", BULK),
  broken("bulk length with a space before", "*1\r\n$ 4\r\nPING\r\n", BULK),
  broken("bulk length with a space after", "*1\r\n$4 \r\nPING\r\n", BULK),
  broken("bulk length in hex", "*1\r\n$0x4\r\nPING\r\n", BULK),
  broken("bulk length with an exponent", "*1\r\n$4e0\r\nPING\r\n", BULK),
  broken("bulk length with leading zeros", "*1\r\n$004\r\nPING\r\n", BULK),
  broken("bulk length ended by LF alone", "*1\r\n$4\nPING\r\n", BULK),
  broken(
    "bulk length of endless digits",
    `*1\r\n$${"9".repeat(200)}`,
    "Protocol error: too big bulk count string",
  ),
  broken("NUL for a bulk length", `*1\r\n$\0${"A".repeat(50)}`, BULK),
  broken("no bulk in an array", "*1\r\nfoo\r\n", "Protocol error: expected '$', got 'f'"),
  broken(
    "no bulk after good ones",
    "*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfooz\r\n",
    "Protocol error: expected '$', got 'f'",
  ),
  broken("arrays in arrays", "*1\r\n".repeat(100), "Protocol error: expected '$', got '*'"),
  broken(
    "line break where a bulk begins",
    "*1\r\n\r\n$4\r\nPING\r\n",
    "Protocol error: expected '$', got '\r'",
  ),
  broken("bulk longer than it says", "*1\r\n$4\r\nPINGS\r\n", TERMINATOR),
  broken("bulk without CR", "*1\r\n$4\r\nPING\n", TERMINATOR),
  broken("bulk ended by CR and something else", "*1\r\n$4\r\nPING\rX", TERMINATOR),
  broken("bulk shorter than it says", "*2\r\n$4\r\nECHO\r\n$5\r\nhi\r\n*1\r\n$4\r\nPING\r\n", TERMINATOR),
  broken("empty bulk that is not empty", "*2\r\n$4\r\nECHO\r\n$0\r\nx\r\n", TERMINATOR),
  broken("unbalanced double quotes", 'set "key value\r\n', UNBALANCED),
  broken("unbalanced single quotes", "set 'key value\r\n", UNBALANCED),
  broken("a quote in a word's middle", 'set "key"value x\r\n', UNBALANCED),
  broken("good commands, then garbage", "PING\r\n*1\r\n$4\r\nPING\r\n*x", MULTIBULK, 2),
  harmless("NUL alone in a line", "\0\r\n", 1),
  harmless("a claim of 512 MB and nothing else", "*2\r\n$4\r\nECHO\r\n$536870912\r\n", 0),
  harmless("half a command", "*2\r\n$4\r\nECHO\r\n$5\r\nhel", 0),
];
