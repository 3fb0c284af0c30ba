// The lint configuration, made from the layer list. In oxlint a later override replaces the options of an earlier
// one, so each folder of core gets its full list; nobody could keep that right by hand.
import { forbiddenFolders, forbiddenPackages, readLayers } from "./layers.mjs";
import { root } from "./sources.mjs";

/** Test code may use the host, promises and whatever else it needs. */
const testFiles = [
  "**/*.test.ts",
  "**/*.conformance.ts",
  "**/*.fixture.ts",
  "packages/*/src/testing.ts",
  "packages/*/src/testing/**",
  "tests/**",
];

/** @param {string} text */
function words(text) {
  return text.trim().split(/\s+/);
}

const hostGlobals = words(`
  Date performance Intl WeakRef FinalizationRegistry Atomics SharedArrayBuffer
  setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate
  queueMicrotask process console Buffer crypto fetch URL TextEncoder TextDecoder
  AbortController AbortSignal EventTarget MessageChannel BroadcastChannel Worker structuredClone
  globalThis global window self navigator require eval Function escape unescape
`).map((name) => ({ name, message: "core takes time, chance, disk and net as arguments" }));

const promise = { name: "Promise", message: "no promises in core: use an operation object or a generator" };

/** ECMAScript leaves the last digits of these to the engine, so two members could disagree. */
const inexactMath = words(`
  acos acosh asin asinh atan atanh atan2 cos cosh sin sinh tan tanh
  cbrt exp expm1 hypot log log10 log1p log2 pow
`).map((property) => ({ object: "Math", property, message: "its last digits depend on the engine" }));

const restrictedProperties = [
  { object: "Math", property: "random", message: "core takes chance as an argument" },
  ...inexactMath,
  ...["localeCompare", "toLocaleString", "toLocaleLowerCase", "toLocaleUpperCase"].map((property) => ({
    property,
    message: "depends on the locale of the host",
  })),
];

const promiseTypes = Object.fromEntries(
  words("Promise PromiseLike AsyncIterable AsyncIterator AsyncGenerator AsyncIterableIterator").map(
    (name) => [name, { message: promise.message }],
  ),
);

/** Only core is pure, so only core has this list. */
const pureRules = {
  "oxc/no-async-await": "error",
  "eslint/no-restricted-globals": ["error", promise, ...hostGlobals],
  "eslint/no-restricted-properties": ["error", ...restrictedProperties],
  "typescript/no-restricted-types": ["error", { types: promiseTypes }],
};

/** @param {string[]} names */
function packagePatterns(names) {
  return names.map((name) => ({
    group: [name, `${name}/*`],
    message: "packages/core/layers.json says which package imports which",
  }));
}

/** @param {string[]} folders */
function folderPatterns(folders) {
  return folders.map((folder) => ({
    group: [`../${folder}/*`, `../../${folder}/*`, `../../src/${folder}/*`],
    message: "imports point down: packages/core/layers.json",
  }));
}

/** @param {object[]} patterns */
function imports(patterns) {
  return ["error", { patterns }];
}

function lintConfig(from = root) {
  const list = readLayers(from);
  const outside = packagePatterns(forbiddenPackages(list, "core"));
  const hostModules = { group: ["node:*"], message: "core takes time, chance, disk and net as arguments" };
  const coreRules = [
    {
      files: ["packages/core/src/**/*.ts"],
      excludeFiles: testFiles,
      rules: { ...pureRules, "eslint/no-restricted-imports": imports([hostModules, ...outside]) },
    },
    ...list.layers.flat().flatMap((folder) => {
      const files = [`packages/core/src/${folder}/**/*.ts`];
      const patterns = [...folderPatterns(forbiddenFolders(list, folder)), ...outside];
      return [
        {
          files,
          excludeFiles: testFiles,
          rules: {
            "eslint/no-restricted-imports": imports([
              hostModules,
              ...folderPatterns(["testing"]),
              ...patterns,
            ]),
          },
        },
        {
          files: files.map((glob) => glob.replace("*.ts", "*.test.ts")),
          rules: { "eslint/no-restricted-imports": imports(patterns) },
        },
      ];
    }),
  ];
  const packageRules = Object.keys(list.packages)
    .filter((name) => name !== "core")
    .map((name) => ({
      files: [`packages/${name}/src/**/*.ts`],
      rules: { "eslint/no-restricted-imports": imports(packagePatterns(forbiddenPackages(list, name))) },
    }));
  return {
    $schema: "./node_modules/oxlint/configuration_schema.json",
    plugins: ["eslint", "typescript", "unicorn", "oxc", "import", "node", "vitest"],
    categories: { correctness: "error", suspicious: "error" },
    options: {
      typeAware: true,
      denyWarnings: true,
      reportUnusedDisableDirectives: "error",
      respectEslintDisableDirectives: false,
    },
    env: { builtin: true },
    ignorePatterns: ["**/dist/**", "**/node_modules/**"],
    rules: commonRules,
    overrides: [...coreRules, ...packageRules, testOverride, vitestOverride],
  };
}

const commonRules = {
  "eslint/eqeqeq": "error",
  "eslint/no-var": "error",
  "eslint/prefer-const": "error",
  "import/no-default-export": "error",
  "import/no-cycle": "error",
  "node/no-exports-assign": "error",
  "oxc/no-const-enum": "error",
  "typescript/consistent-type-imports": "error",
  "typescript/no-explicit-any": "error",
  "typescript/no-non-null-assertion": "error",
  "typescript/ban-ts-comment": "error",
  "typescript/no-floating-promises": "error",
  "typescript/no-misused-promises": "error",
  "typescript/await-thenable": "error",
  "typescript/only-throw-error": "error",
  "typescript/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
  "typescript/no-unsafe-argument": "error",
  "typescript/no-unsafe-assignment": "error",
  "typescript/no-unsafe-call": "error",
  "typescript/no-unsafe-member-access": "error",
  "typescript/no-unsafe-return": "error",
  // Bytes and rows are sorted in place on purpose, and branded types are made by assertion.
  "unicorn/no-array-sort": "off",
  "unicorn/no-array-reverse": "off",
  "typescript/no-unsafe-type-assertion": "off",
  // Tables are allocated once at their full size, and null stays null while a loop runs.
  "unicorn/no-new-array": "off",
  "eslint/no-unmodified-loop-condition": "off",
  // fast-check and pino are used through their default export, as their manuals do.
  "import/no-named-as-default-member": "off",
  // The compiler checks returns; this rule dislikes functions that end without a value on purpose.
  "typescript/consistent-return": "off",
};

const testOverride = {
  files: testFiles,
  rules: {
    "unicorn/consistent-function-scoping": "off",
    // A test against a model expects what the model says.
    "vitest/no-conditional-expect": "off",
    // A property asserts by itself, and so do shared helpers with these names.
    "vitest/expect-expect": ["error", { assertFunctionNames: ["expect*", "fc.assert", "assert*", "check*"] }],
    "vitest/no-focused-tests": "error",
    "vitest/no-disabled-tests": "error",
  },
};

/** vitest takes the default exports of its configuration and of its reporters. */
const vitestOverride = {
  files: ["vitest.config.ts", "scripts/house/count-reporter.mjs"],
  rules: { "import/no-default-export": "off" },
};

/** The text of .oxlintrc.json. */
export function lintText(from = root) {
  return `${JSON.stringify(lintConfig(from), null, 2)}\n`;
}
