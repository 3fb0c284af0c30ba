import { AutoTurn } from "./auto-turn.fixture.ts";
import { ForgetfulFiles } from "./forgetful-files.ts";
import type { JournaledStorage } from "./journaled-storage.ts";
import { openJournaledStorage } from "./journaled-storage-open.ts";
import { type Defer, MemoryEngine } from "./memory-engine.ts";
import { LAST_WINS } from "./recovery-page.ts";
import { storageConformance } from "./storage.conformance.ts";
import { VITEST } from "./suite.fixture.ts";

/** Later, and not in the order of the calls. */
const defer: Defer = (_, bytes, deliver) => {
  if (bytes % 3 === 0) setImmediate(deliver);
  else setImmediate(() => setImmediate(deliver));
};

function open(): Promise<JournaledStorage> {
  return new Promise((resolve, reject) => {
    openJournaledStorage(
      {
        files: new ForgetfulFiles(defer),
        engine: new MemoryEngine(defer),
        events: { event: () => undefined, fatal: (code, text) => reject(new Error(`${code}: ${text}`)) },
        resolver: LAST_WINS,
        cluster: "test",
        member: 1,
        createdBy: "test",
        place: "data",
        limits: { segmentBytesMax: 4096, roundBytesMax: 64 * 1024, engineLagMax: 4 },
      },
      { onStorageOpened: resolve, onStorageRefused: ({ text }) => reject(new Error(text)) },
    );
  });
}

storageConformance(
  "journal and memory",
  async () => {
    const storage = await open();
    const close = () =>
      new Promise<void>((resolve) =>
        storage.close({ onStored: () => resolve(), onRows: () => undefined }, 0),
      );
    return { storage: new AutoTurn(storage), close };
  },
  VITEST,
);
