import fc from "fast-check";

// Runs before every test file. A failing property prints its seed and path; both, given to fc.assert, replay it.
fc.configureGlobal({ numRuns: Number(process.env["KVORUM_PROPERTY_RUNS"] ?? 1000) });
