/** From a key to its homes, and to what is kept of it in memory. */
import { formTopology, recordKey, slotOf, type Bytes } from "@kvorum/core";
import { ByteMap, crc32c, hash32, keyHash, KeyPlacement } from "@kvorum/core/parts";
import { bytesOf, type Subject } from "./subject.ts";

const MEMBERS = 3;
const CACHED = 100_000;
const NAMESPACE = 1;

function placement(): KeyPlacement {
  const members = Array.from({ length: MEMBERS }, (_, index) => ({
    id: index + 1,
    name: `member-${index + 1}`,
    host: `host-${index + 1}`,
    zone: `zone-${index + 1}`,
    region: "region-1",
    weight: 100,
    peer: { host: "127.0.0.1", port: 7601 + index },
    resp: { host: "127.0.0.1", port: 7401 + index },
    http: { host: "127.0.0.1", port: 7501 + index },
  }));
  const namespaces = [{ name: "default", policy: "siblings", n: 3 }] as const;
  const formed = formTopology({ cluster: "bench", members, namespaces, partitions: 256, fallbacksMax: 3 });
  if (!formed.ok) throw new Error(formed.problems.join("; "));
  return new KeyPlacement(formed.topology);
}

interface Entry {
  readonly key: Bytes;
  readonly hash: number;
}

function filledMap(): { map: ByteMap<Entry>; keys: Bytes[] } {
  const map = new ByteMap<Entry>();
  const keys: Bytes[] = [];
  for (let index = 0; index < CACHED; index++) {
    const key = Buffer.from(`key:${String(index).padStart(12, "0")}`);
    map.set({ key, hash: keyHash(key) });
    keys.push(key);
  }
  return { map, keys };
}

export function ringSubjects(): Subject[] {
  const key = Buffer.from("key:000000000042");
  const places = placement();
  const { map, keys } = filledMap();
  const long = bytesOf(300);
  let turn = 0;
  return [
    { name: "slotOf", on: "a key of 16 bytes", run: () => slotOf(key) },
    { name: "recordKey", on: "a key of 16 bytes", run: () => recordKey(42, NAMESPACE, key) },
    {
      name: "KeyPlacement.homesOf",
      on: "3 members, 256 partitions",
      run: () => places.homesOf(NAMESPACE, 42),
    },
    {
      name: "keyHash and ByteMap.get",
      on: "one of 100,000 keys of 16 bytes",
      run: () => {
        const wanted = keys[(turn = (turn + 7919) % CACHED)] ?? key;
        return map.get(wanted, keyHash(wanted));
      },
    },
    { name: "hash32", on: "16 bytes", run: () => hash32(key, 0, key.length, 1) },
    { name: "crc32c", on: "40 bytes", run: () => crc32c(long, 0, 40) },
    { name: "crc32c", on: "300 bytes", run: () => crc32c(long, 0, 300) },
  ];
}
