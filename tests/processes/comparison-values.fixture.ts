/** What is said to Redis and to kvorum about keys and values. Both must answer the same, but for what is listed. */
import { differs, equal, like, pipeline, type Step } from "./comparison-step.fixture.ts";

const CLOCK = "the clock goes on between the two servers";
const LIMIT = "a time to live is at most 100 years, and the error names the limit";
const LATER = "conditional writes are not offered yet, and the error says so";
const LATER_NAME = "it is not offered yet, and the error says so instead of calling it unknown";

const EVERY_BYTE = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));

/** Texts that are no integers, and the largest and smallest that are. */
const NO_INTEGERS = ["+1", "01", "-0", "1.0", "1e3", "0x10", '""', "x", "--1", "9223372036854775808"];

function withEach(before: string, words: readonly string[], after = ""): string[] {
  return words.map((word) => `${before} ${word}${after === "" ? "" : ` ${after}`}`);
}

const strings: readonly Step[] = [
  ...equal("get", "get k l", "get k", "set", "set k", "set k v", "get k", "SeT k V", "GET k"),
  ...equal('set "" empty', 'get ""', 'set k ""', "get k", "strlen k", 'strlen ""'),
  ...equal(["set", EVERY_BYTE, EVERY_BYTE], ["get", EVERY_BYTE], ["strlen", EVERY_BYTE], ["del", EVERY_BYTE]),
  ...equal(["set", "k", "two words\r\n"], "get k", "strlen", "strlen k l", "strlen nothing"),
  ...equal("mset", "mset k", "mset k v l", "mset k 1 l 2 k 3", "mget k l nothing k", "mget", "mget nothing"),
  ...equal("del", "del k l k nothing", "del k", "mget k l"),
  ...equal("mset k 1 l 2", "exists", "exists k", "exists k k nothing l", "exists nothing"),
  ...equal("touch", "touch k k nothing", "touch nothing", "unlink", "unlink k k nothing", "exists k"),
  ...equal("type", "type k", "type l", "type nothing", "type k l"),
  ...equal("substr k 0", "getrange k 0 -1", ["set", "k", "Hello, \0 world"], "getrange k 0 -1"),
  ...equal("getrange k 0 0", "getrange k -5 -1", "getrange k -1 -5", "getrange k 5 2", "getrange k 100 200"),
  ...equal(
    "getrange k -100 3",
    "getrange k -100 -50",
    "getrange k 3 -100",
    "getrange k 0 9223372036854775807",
  ),
  ...equal("getrange k -9223372036854775808 9223372036854775807", "substr k 1 3", "substr k -3 -1"),
  ...equal("getrange k 0 99999999999999999999", "getrange nothing x 1", "getrange k 1"),
  ...equal(...withEach("getrange k", NO_INTEGERS, "1"), ...withEach("getrange k 0", NO_INTEGERS)),
  ...equal(["getrange", "k", " 1", "2"], ["getrange", "k", "1", "2 "]),
];

const setOptions: readonly Step[] = [
  ...equal("set k v ex 100", "get k", "set k v px 100000", "set k v EXAT 4000000000", "expiretime k"),
  ...equal("set k v pxat 4000000000123", "pexpiretime k", "set k w keepttl", "pexpiretime k", "get k"),
  ...equal(
    "set k w keepttl keepttl",
    "pexpiretime k",
    "set k v",
    "pexpiretime k",
    "set n v keepttl",
    "ttl n",
  ),
  ...equal("set k v exat 1", "exists k", "set k v pxat 1", "exists k", "set k v exat 1", "ttl k"),
  ...equal(
    "set k v ex",
    "set k v px",
    "set k v foo",
    "set k v foo 1",
    "set k v ex 1 px 1",
    "set k v ex 1 ex 1",
  ),
  ...equal(
    "set k v exat 1 exat 4000000000",
    "expiretime k",
    "set k v keepttl ex 1",
    "set k v ex 1 keepttl",
    "set k v ex keepttl",
    "set k v persist",
  ),
  ...equal("set k v ex 0", "set k v ex -1", "set k v px 0", "set k v exat 0", "set k v pxat -1", "exists k"),
  ...equal(
    ...withEach("set k v ex", NO_INTEGERS),
    ["set", "k", "v", "ex", " 1"],
    ["set", "k", "v", "ex", "1 "],
  ),
  ...equal("set k v ex 9223372036854775807", "set k v ex 9223372036854775", "set k v px 9223372036854775807"),
  ...equal("set k v exat 9223372036854775807", "set k v ex -9223372036854775808", "exists k"),
  ...differs(
    LIMIT,
    "set k v ex 3200000000",
    "set k v px 9000000000000000",
    "set k v pxat 9223372036854775807",
  ),
  ...equal("del k"),
  ...differs(LATER, "set k v nx", "set k v xx", "set k v get", "set k v nx get", "set k v ex 1 nx"),
  ...equal(
    "setex k",
    "setex k 100",
    "setex k 100 v 1",
    "setex k 100 v",
    "get k",
    "psetex k 100000 w",
    "get k",
  ),
  ...equal("setex k 0 v", "setex k -1 v", "psetex k 0 v", "setex k 9223372036854775807 v", "get k"),
  ...equal(...withEach("setex k", NO_INTEGERS, "v"), ...withEach("psetex k", NO_INTEGERS, "v")),
  ...differs(LIMIT, "setex k 3200000000 v"),
  ...differs(LATER_NAME, "setnx l v", "getset l w", "getdel l", "incr n1", "incrby n1 2", "decr n1"),
  ...differs(
    LATER_NAME,
    "decrby n1 2",
    "incrbyfloat n1 1.5",
    "append l x",
    "setrange l 1 y",
    "msetnx l 1 m 2",
  ),
  ...differs(LATER_NAME, "del n1 l m"),
];

const getex: readonly Step[] = [
  ...equal(
    "getex",
    "getex k",
    "getex k ex 10",
    "getex k ex x",
    "getex k ex 0",
    "exists k",
    "set k v",
    "getex k",
  ),
  ...equal("ttl k", "getex k persist", "ttl k", "getex k exat 4000000000", "expiretime k", "getex k persist"),
  ...equal("ttl k", "getex k PXAT 4000000000123", "pexpiretime k", "getex k", "pexpiretime k"),
  ...equal("getex k ex", "getex k ex 1 px 1", "getex k persist 1", "getex k persist ex 1", "getex k keepttl"),
  ...equal(
    "getex k ex 1 persist",
    "getex k foo",
    "getex k nx",
    "getex k ex 0",
    "getex k px -1",
    "getex k exat -5",
  ),
  ...equal(...withEach("getex k ex", NO_INTEGERS), "getex k ex 9223372036854775807", "pexpiretime k"),
  ...differs(LIMIT, "getex k ex 3200000000"),
  ...equal(
    "getex k persist",
    "getex k ex 100",
    "getex k exat 1",
    "get k",
    "set k v",
    "getex k pxat 1",
    "exists k",
  ),
];

const expiry: readonly Step[] = [
  ...equal("ttl", "ttl k l", "ttl k", "pttl k", "expiretime k", "pexpiretime k", "persist k", "persist"),
  ...equal("expire", "expire k", "expire k 100", "expire k x", "set k v", "ttl k", "pttl k", "expiretime k"),
  ...equal("pexpiretime k", "persist k", "expire k 100", "persist k", "ttl k", "persist k"),
  ...equal("expire k 1000", "pexpire k 100000"),
  ...like(CLOCK, "ttl k", "pttl k", "expiretime k", "pexpiretime k"),
  ...equal(
    "expireat k 4000000000",
    "expiretime k",
    "pexpiretime k",
    "pexpireat k 4000000000499",
    "expiretime k",
  ),
  ...equal("pexpireat k 4000000000500", "expiretime k", "pexpiretime k", "get k"),
  ...equal(
    "expireat k 4000000000 nx",
    "expireat k 4000000000 gt",
    "expireat k 4000000000 lt",
    "expiretime k",
  ),
  ...equal(
    "expireat k 4000000000 gt",
    "expireat k 4000000000 lt",
    "expireat k 4000000001 gt",
    "expiretime k",
  ),
  ...equal(
    "expireat k 4000000002 XX",
    "expireat k 4000000001 xx gt",
    "expireat k 4000000001 xx lt",
    "expiretime k",
  ),
  ...equal(
    "persist k",
    "expireat k 4000000000 xx",
    "expireat k 4000000000 gt",
    "expireat k 4000000000 xx lt",
  ),
  ...equal(
    "expireat k 4000000000 lt",
    "expiretime k",
    "persist k",
    "expireat k 4000000000 nx",
    "expiretime k",
  ),
  ...equal("expireat k 1 gt", "expireat k 1 nx", "expireat nothing 1 nx", "get k"),
  ...equal("expire k 1 foo", "expire k 1 nx xx", "expire k 1 nx gt", "expire k 1 nx lt", "expire k 1 gt lt"),
  ...equal("expire k 1 xx gt lt", "expire k x nx xx", "expire k 1 gt foo", "expire k 1 nx nx", "persist k"),
  ...equal(...withEach("expire k", NO_INTEGERS), ...withEach("pexpireat k", NO_INTEGERS)),
  ...equal(["expire", "k", " 1"], ["pexpire", "k", "1\n"], "exists k"),
  ...equal("expire k 9223372036854775807", "expire k -9223372036854775808", "pexpire k 9223372036854775807"),
  ...equal("expireat k 9223372036854775807", "expire nothing 9223372036854775807", "exists k", "ttl k"),
  ...differs(LIMIT, "expire k 3200000000", "expireat k 9000000000000", "pexpireat k 9223372036854775807"),
  ...equal("set k v", "expire k 0", "exists k", "set k v", "expire k -1", "get k", "set k v", "pexpire k -5"),
  ...equal("exists k", "set k v", "expireat k 1", "exists k", "set k v", "pexpireat k 0", "exists k"),
  ...equal(
    "set k v",
    "pexpire k -9223372036854775808",
    "exists k",
    "set k v",
    "expireat k -1 lt",
    "exists k",
  ),
  ...equal("set k v", "expire k -1 gt", "expire k -1 xx", "exists k", "expire k -1 nx", "exists k"),
];

const pipelines: readonly Step[] = [
  pipeline("set k a", "set k b", "get k", "del k", "get k", "set k c", "exists k k"),
  pipeline("set k v exat 4000000000", "set k w keepttl", "expiretime k", "persist k", "ttl k", "get k"),
  pipeline(
    "set k v",
    "expireat k 4000000000",
    "set k w",
    "ttl k",
    "expireat k 1",
    "get k",
    "set k x",
    "get k",
  ),
  pipeline("nosuch", "get", "set k v ex 0", "get k", "ping", "getex k persist", "unlink k k", "type k"),
  pipeline(
    "mset a 1 b 2",
    "mget a b",
    "del a b",
    "mget a b",
    "set a 1",
    "expireat a 4000000000",
    "expiretime a",
  ),
];

export const VALUE_SCRIPTS: ReadonlyMap<string, readonly Step[]> = new Map([
  ["strings", strings],
  ["options of SET", setOptions],
  ["GETEX", getex],
  ["expiry", expiry],
  ["pipelines", pipelines],
]);
