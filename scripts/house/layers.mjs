// The rule of the layers: imports point down. The list is data (packages/core/layers.json), and both the lint
// configuration and the house tests come from it.
import { posix } from "node:path";
import { importsOf } from "./syntax.mjs";
import { isTestCode, listCode, read, root } from "./sources.mjs";

/**
 * @typedef {object} Layers
 * @property {string[][]} layers folders of core; the index is the number of the layer
 * @property {Record<string, string[]>} packages what each package may import
 * @property {Record<string, string>} packageNames what each package is called in imports
 */

/** @returns {Layers} */
export function readLayers(from = root) {
  /** @type {unknown} */
  const list = JSON.parse(read("packages/core/layers.json", from));
  return /** @type {Layers} */ (list);
}

/** @param {Layers} list @returns {Map<string, number>} */
export function numberOfFolder({ layers }) {
  return new Map(layers.flatMap((folders, number) => folders.map((folder) => [folder, number])));
}

/** The folders of core that a folder must not import. @param {Layers} list @param {string} folder */
export function forbiddenFolders(list, folder) {
  const numbers = numberOfFolder(list);
  const own = numbers.get(folder) ?? -1;
  return [...numbers].filter(([other, number]) => other !== folder && number >= own).map(([other]) => other);
}

/** The packages that a package must not import, as names. @param {Layers} list @param {string} name */
export function forbiddenPackages({ packages, packageNames }, name) {
  const allowed = packages[name] ?? [];
  return Object.keys(packages)
    .filter((other) => other !== name && !allowed.includes(other))
    .map((other) => packageNames[other] ?? other);
}

/** @param {string} path */
function placeOf(path) {
  const [, name, folder] = /^packages\/([^/]+)\/src\/(?:([^/]+)\/)?/.exec(path) ?? [];
  return name === undefined ? null : { name, folder: folder ?? null };
}

/** @param {Layers} list @param {string} path @param {string} specifier @returns {string | null} */
function wrongImport(list, path, specifier) {
  const own = placeOf(path);
  if (own === null) return null;
  if (!specifier.startsWith(".")) {
    const named = Object.keys(list.packageNames).find((name) => {
      const full = list.packageNames[name] ?? name;
      return specifier === full || specifier.startsWith(`${full}/`);
    });
    if (named === undefined) {
      return own.name === "core" && !isTestCode(path) ? "core imports nothing from outside" : null;
    }
    if (named === own.name) return "a package reaches its own files by relative paths";
    const allowed = list.packages[own.name] ?? [];
    return allowed.includes(named) ? null : `${own.name} must not import ${named}`;
  }
  const target = placeOf(posix.join(posix.dirname(path), specifier));
  if (target === null || target.name !== own.name)
    return "a relative import must stay inside its package's src";
  if (own.name !== "core" || own.folder === null) return null;
  if (target.folder === null) {
    return isTestCode(path) ? null : `${own.folder} must not import the public index of core`;
  }
  if (own.folder === "testing") return null;
  if (target.folder === "testing") return isTestCode(path) ? null : "only tests import testing";
  return wrongFolder(numberOfFolder(list), own.folder, target.folder);
}

/** @param {Map<string, number>} numbers @param {string} own @param {string} target */
function wrongFolder(numbers, own, target) {
  const from = numbers.get(own);
  const to = numbers.get(target);
  if (from === undefined) return `${own} is not in packages/core/layers.json`;
  if (to === undefined) return `${target} is not in packages/core/layers.json`;
  return own === target || to < from
    ? null
    : `${own} (layer ${from}) must not import ${target} (layer ${to})`;
}

/** Every import that breaks the rule, one line of text each. */
export function layerViolations(from = root) {
  const list = readLayers(from);
  return listCode(from).flatMap((path) =>
    placeOf(path) === null
      ? []
      : importsOf(path, read(path, from)).flatMap(({ specifier, line }) => {
          const wrong = wrongImport(list, path, specifier);
          return wrong === null ? [] : [`${path}:${line} imports "${specifier}": ${wrong}`];
        }),
  );
}
