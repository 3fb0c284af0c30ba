/** What is said to Redis and to kvorum about connections and servers. */
import { differs, equal, like, raw, type Step } from "./comparison-step.fixture.ts";

const SELF = "it says what this server is";
const NO_USERS = "there are no users, so no name and password are accepted";
const NEWER = "this is of Redis 7.2, whose commands are offered; the Redis beside it is 7.0";
const NOT_OFFERED = "it is not offered, and the error says so";
const OWN = "our own commands are among them, and others are missing";
const SHORT = "documentation is short: summary, since, group";
const ONE_DATABASE = "there are namespaces instead of databases, and the error says so";
const CLUSTER = "every kvorum is a cluster, this Redis is none";
const STRINGS = "values are strings of bytes: commands of other types are unknown";
const VALUES = "the values are this server's own";

const connection: readonly Step[] = [
  ...equal(
    "ping",
    "PING hello",
    'ping ""',
    "ping a b",
    "echo",
    "echo hello",
    ["echo", "\0\xff\r\n"],
    "echo a b",
  ),
  ...equal("select", "select 0", "select x", "select 99999999999999999999", "select 0 1"),
  ...differs(ONE_DATABASE, "select 1", "select -1", "select 99"),
  ...equal("auth", "auth secret", "auth a b c"),
  ...differs(NO_USERS, "auth default secret", "auth someone secret"),
  ...differs(SELF, "hello"),
  ...equal("hello 1", "hello 4", "hello x", "hello 3 foo", "hello 3 setname", "hello 2 auth a"),
  ...equal(["hello", "2", "setname", "a b"], "client getname"),
  ...differs(CLUSTER, "asking", "readonly", "readwrite"),
  ...equal("asking 1", "readonly 1", "time 1"),
  ...like("the clock goes on between the two servers", "time"),
  ...equal("client setname app", "client getname", "reset", "client getname", "reset 1", "ping"),
  ...differs(NO_USERS, "hello 2 auth default secret"),
];

const client: readonly Step[] = [
  ...equal(
    "client",
    "client foo",
    "client foo bar",
    ["client", "x\0y"],
    "client getname",
    "client getname x",
  ),
  ...equal("client setname", "client setname app", "client getname", ["client", "setname", "a b"]),
  ...equal(["client", "setname", ""], "client getname", "client id x"),
  ...like("ids count connections", "client id"),
  ...differs(SELF, "client info", "client list", "client list type normal"),
  ...equal("client info x", "client list foo", "client list id", "client list id x", "client list id 0"),
  ...equal("client list type", "client list type foo", "client list type pubsub", "client list type master"),
  ...equal("client list type replica", "client list id 999999", "client list type normal x"),
  ...equal("client kill", "client kill 1.2.3.4:5", "client kill id", "client kill id x", "client kill id 0"),
  ...equal("client kill id -1", "client kill foo bar", "client kill id 999999", "client kill addr 1.2.3.4:5"),
  ...equal(
    "client kill laddr 1.2.3.4:5",
    "client kill type foo",
    "client kill type pubsub",
    "client kill user foo",
  ),
  ...equal("client kill id 1 skipme", "client kill skipme maybe", "client kill id 999999 skipme no"),
  ...equal("client no-evict", "client no-evict on", "client no-evict off", "client no-evict x"),
  ...differs(NEWER, "client no-touch on", "client setinfo lib-name x"),
  ...differs(NOT_OFFERED, "client pause 0", "client unpause", "client reply on", "client tracking off"),
  ...differs(NOT_OFFERED, "client getredir", "client trackinginfo", "client caching yes", "client unblock 1"),
];

const command: readonly Step[] = [
  ...differs(OWN, "command count", "command list", "command info", "command"),
  ...equal("command foo", "command count x", "command getkeys", "command list foo", "command list filterby"),
  ...equal(
    "command list filterby x y",
    "command list filterby pattern mge*",
    "command list filterby pattern nosuch",
  ),
  ...equal("command list filterby module x", "command docs nosuch", "command info nosuch"),
  ...differs(SHORT, "command docs get"),
  ...differs("there are no tips and key specifications", "command info get"),
  ...equal(
    "command getkeys get k",
    "command getkeys mset k 1 l 2",
    "command getkeys del a b c",
    "command getkeys set k",
  ),
  ...equal("command getkeys nosuch k", "command getkeys client id"),
  ...equal(
    "command getkeysandflags get k",
    "command getkeysandflags set k v",
    "command getkeysandflags mset a 1 b 2",
  ),
  ...equal(
    "command getkeysandflags del a b",
    "command getkeysandflags unlink a",
    "command getkeysandflags exists a b",
  ),
  ...equal(
    "command getkeysandflags expire k 1",
    "command getkeysandflags persist k",
    "command getkeysandflags ttl k",
  ),
  ...equal(
    "command getkeysandflags getex k",
    "command getkeysandflags setex k 1 v",
    "command getkeysandflags type k",
  ),
  ...equal(
    "command getkeysandflags strlen k",
    "command getkeysandflags getrange k 0 1",
    "command getkeysandflags touch k",
  ),
  ...equal(
    "command getkeysandflags psetex k 1 v",
    "command getkeysandflags pttl k",
    "command getkeysandflags mget a b",
  ),
  ...equal(
    "command getkeys ping x",
    "command getkeys get k l",
    "command getkeysandflags nosuch a",
    "command getkeysandflags ping a",
    "command getkeysandflags",
  ),
  ...differs(NEWER, "command getkeys ping", "command getkeys get", "command getkeysandflags ping"),
];

const config: readonly Step[] = [
  ...equal("config", "config foo", "config get"),
  ...equal("config get save", "config get nosuch", "config get maxmemory", "config get maxmemory-policy"),
  ...equal(
    "config get timeout",
    "config get maxclients",
    "config get requirepass",
    "config get SAVE",
    "config get tcp-keepalive",
  ),
  ...equal("config get sav?", "config get [s]ave", "config get timeou* nosuch", 'config get ""'),
  ...differs(
    VALUES,
    "config get appendonly",
    "config get databases",
    "config get proto-max-bulk-len",
    "config get port",
  ),
  ...differs(OWN, "config get *"),
  ...equal(
    "config set",
    "config set save",
    "config set nosuch 1",
    "config set port",
    "config set port 1 save",
  ),
  ...equal("config set databases 2", "config set DATABASES 1", "config set databases 1 nosuch 2"),
  ...differs(NOT_OFFERED, "config set maxmemory 0", "config set save 1", "config rewrite"),
  ...equal("config resetstat", "config resetstat x", "config rewrite x"),
  ...differs(SELF, "info", "info server", "info clients"),
  ...differs(VALUES, "info all", "info everything", "info default", "info commandstats"),
  ...equal("info nosuch"),
  ...equal("flushall foo", "flushall async sync", "flushdb sync x"),
  ...equal("mset k v l w m x", "flushall", "exists k l m", "scan 0", "get k"),
  ...equal("set k v", "flushdb", "get k", "flushdb async", "flushall SYNC", "flushdb ASYNC"),
  ...equal("dbsize x"),
];

const unknown: readonly Step[] = [
  ...equal(
    "nosuch",
    "nosuch a b c",
    '""',
    ["nosuch", "two words", ""],
    ["no\r\nsuch", "a\r\nb"],
    ["nosuch", "x\0y", "z"],
  ),
  ...equal(
    ["y".repeat(300)],
    ["nosuch", "x".repeat(200)],
    ["nosuch", ...Array.from({ length: 50 }, () => "word")],
  ),
  ...equal(["nosuch", "x".repeat(120), "y".repeat(20)], ["no'such", "it's"], ["n\xff", "\xfe"]),
  ...equal("cluster", "cluster foo", "config foo bar", "command foo bar", "get k l", "ge t"),
  ...differs(
    STRINGS,
    "object",
    "hset k f v",
    "lpush k v",
    "sadd k v",
    "zadd k 1 v",
    "xadd k * f v",
    "setbit k 1 1",
  ),
  ...differs(
    NOT_OFFERED,
    "multi",
    "watch k",
    "subscribe c",
    "publish c m",
    "eval x 0",
    "rename k l",
    "copy k l",
    "dump k",
  ),
  ...differs(NOT_OFFERED, "role", "wait 0 0", "lolwut", "memory usage k", "latency doctor", "slowlog len"),
];

const inline: readonly Step[] = [
  raw("PING\r\n", 1),
  raw("ping\n", 1),
  raw("SET  k   v\r\n", 1),
  raw("get k\r\nget k\r\n", 2),
  raw('SET k "a b\\x41\\n\\"\\\\"\r\nGET k\r\n', 2),
  raw("SET k 'it\\'s'\r\nGET k\r\n", 2),
  raw("\r\n\r\nPING\r\n", 1),
  raw("   PING   \r\n", 1),
  raw("nosuch a 'b c'\r\n", 1),
  raw("*0\r\nPING\r\n", 1),
  raw("*-1\r\nPING\r\n", 1),
  raw("del k\r\n", 1),
];

/** Each on a connection of its own, which it ends. */
export const LAST_WORDS: readonly string[] = [
  "QUIT\r\nPING\r\n",
  "*1\r\n$4\r\nQUIT\r\n*1\r\n$4\r\nPING\r\n",
  'SET k "unbalanced\r\n',
  "SET k 'a'b\r\n",
  "*1\r\n+PING\r\n",
  "*x\r\n",
  "*2147483648\r\n",
  "*1\r\n$x\r\n",
  "*1\r\n$-1\r\n",
  "*1\r\n$536870913\r\n",
  "*2\r\n$4\r\nPING\r\n:1\r\n",
  "PING\r\nnosuch\r\n*x\r\nPING\r\n",
];

export const SERVER_SCRIPTS: ReadonlyMap<string, readonly Step[]> = new Map([
  ["connections", connection],
  ["CLIENT", client],
  ["COMMAND", command],
  ["CONFIG, INFO and the whole server", config],
  ["what is unknown", unknown],
  ["inline commands", inline],
]);
