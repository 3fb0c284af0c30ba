/** `--only`: parts of the names of what is wanted; everything, when there are none. */
export function isChosen(name: string, words: readonly string[]): boolean {
  return words.length === 0 || words.some((word) => name.includes(word));
}
