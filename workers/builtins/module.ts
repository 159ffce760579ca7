/** A module's exports: an object, or a function with properties. */
export type Module = Record<string, unknown>
