/** Gives a class the `Symbol.toStringTag` that its standard names. */
export function tag(Class: { readonly prototype: object }, name: string): void {
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { value: name, configurable: true })
}
