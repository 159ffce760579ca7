/**
 * How much is compared: holding each rule against each costs the square of their number,
 * and documents may be hostile. Real lists are far below both bounds.
 */

const MAX_COMPARED = 400
/** Characters of all compared texts together. */
const MAX_CHARACTERS = 20_000

/** The first items, as far as they are compared with each other. */
export function compared<Item>(items: readonly Item[], textOf: (item: Item) => string): readonly Item[] {
  let characters = 0
  const end = items.findIndex((item, index) => {
    characters += textOf(item).length
    return index === MAX_COMPARED || characters > MAX_CHARACTERS
  })
  return end === -1 ? items : items.slice(0, end)
}

/** The same for patterns. */
export function comparedTexts(texts: readonly string[]): readonly string[] {
  return compared(texts, (text) => text)
}
