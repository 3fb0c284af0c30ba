"""What people do with redis-py, against members whose ports are the arguments; ends with 0 if all of it works."""

import sys
import threading

import redis
from redis.cluster import ClusterNode, RedisCluster

EVERY_BYTE = bytes(range(256))
PORTS = [int(word) for word in sys.argv[1:]]


def same(found, wanted):
    if found != wanted:
        raise AssertionError(f"{found!r} is not {wanted!r}")


def values(client):
    same(client.set(EVERY_BYTE, EVERY_BYTE), True)
    same(client.get(EVERY_BYTE), EVERY_BYTE)
    same(client.get("nothing at all"), None)
    same(client.mset({"py:a": 1, "py:b": 2}), True)
    same(client.mget("py:a", "nothing at all", "py:b"), [b"1", None, b"2"])
    same([client.exists("py:a", "py:b"), client.delete("py:a", "py:b")], [2, 2])
    same(client.set("py:e", "v", ex=1000), True)
    same(900 < client.ttl("py:e") <= 1000, True)
    same(client.getex("py:e", persist=True), b"v")
    same([client.ttl("py:e"), client.type("py:e"), client.strlen("py:e")], [-1, b"string", 1])


def conditionals(client):
    client.delete("py:lock", "py:n")
    same([client.set("py:lock", "me", nx=True, px=60000), client.setnx("py:lock", "you")], [True, False])
    same(client.set("py:lock", "you", xx=True, get=True), b"me")
    same([client.incr("py:n"), client.incrby("py:n", 41), client.decr("py:n")], [1, 42, 41])
    same(client.incrbyfloat("py:n", 0.5), 41.5)
    same([client.append("py:lock", "!"), client.getset("py:lock", "x")], [4, b"you!"])
    same([client.getdel("py:lock"), client.get("py:lock")], [b"x", None])


def pipelines(client):
    count = 3000
    pipe = client.pipeline(transaction=False)
    for index in range(count):
        pipe.set(f"py:p{index}", index)
    for index in range(count):
        pipe.get(f"py:p{index}")
    same(pipe.execute(), [True] * count + [str(index).encode() for index in range(count)])
    pipe = client.pipeline(transaction=False).set("py:x", 1).hset("py:h", "f", "v").get("py:x")
    done, failed, read = pipe.execute(raise_on_error=False)
    same([done, type(failed), read], [True, redis.ResponseError, b"1"])
    found = list(client.scan_iter(match="py:p*", count=500))
    same([len(found), len(set(found))], [count, count])


def errors(client):
    client.set("py:text", "text")
    for attempt, words in [
        (lambda: client.incr("py:text"), "not an integer"),
        (lambda: client.msetnx({"py:m1": 1, "py:m2": 2}), "MSETNX"),
        (lambda: client.hset("py:h", "f", "v"), "unknown command"),
        (lambda: client.set("k" * 4097, "v"), "TOOLARGE key is 4097 bytes"),
        (lambda: client.set("py:large", b"v" * 1048577), "TOOLARGE value is 1048577 bytes"),
        (lambda: redis.Redis(port=PORTS[0], db=1).ping(), "KV.USE"),
    ]:
        try:
            attempt()
        except redis.ResponseError as error:
            same(words in str(error), True)
        else:
            raise AssertionError(f"no error that says {words}")
    same(client.ping(), True)


def tools(client):
    same(client.info("keyspace")["db0"]["keys"] > 0, True)
    same(client.info("commandstats")["cmdstat_get"]["calls"] > 0, True)
    same(client.info("all")["redis_mode"], "cluster")
    same(client.client_setname("py"), True)
    same(client.client_info()["name"], "py")
    same("py" in [each["name"] for each in client.client_list()], True)
    same([client.config_get("databases"), client.dbsize() > 0], [{"databases": "1"}, True])
    same("kv.put" in client.command(), True)


def pool(port):
    client = redis.Redis(connection_pool=redis.BlockingConnectionPool(port=port, max_connections=5))
    failures = []

    def work(number):
        try:
            for index in range(50):
                client.set(f"py:t{number}", index)
                same(client.get(f"py:t{number}"), str(index).encode())
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    same(failures, [])


def cluster():
    client = RedisCluster(startup_nodes=[ClusterNode("127.0.0.1", port) for port in PORTS])
    for index in range(200):
        same(client.set(f"py:c{index}", index), True)
        same(client.get(f"py:c{index}"), str(index).encode())
    same(len(client.get_nodes()), len(PORTS))
    pipe = client.pipeline()
    for index in range(200):
        pipe.get(f"py:c{index}")
    same(pipe.execute(), [str(index).encode() for index in range(200)])
    node = client.get_default_node()
    same(len(list(client.scan_iter(match="py:c*", target_nodes=node))), 200)
    same(client.mget_nonatomic("py:c1", "py:c2", "py:c3"), [b"1", b"2", b"3"])


one = redis.Redis(port=PORTS[0])
for check in [values, conditionals, pipelines, errors, tools]:
    check(one)
pool(PORTS[1])
cluster()
