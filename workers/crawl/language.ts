/**
 * The objects that JavaScript itself brings: every plugin has them, frozen, and so has trusted code.
 * What Node adds is not among them (host-objects.ts).
 */
import type { HostModules } from '../attenuate/host-modules.js'

export interface Language {
  /** Global names of the language, such as `Map`. */
  readonly names: ReadonlySet<string>
  readonly has: (value: object) => boolean
  /** Whether native code made this function, and it is none of the language. Bound functions and proxies are not told apart. */
  readonly isAlien: (value: object) => boolean
}

/** In a fresh context but not of the language: V8 brings it for its inspector. */
const NOT_LANGUAGE: ReadonlySet<string> = new Set(['console', 'WebAssembly', 'SharedArrayBuffer', 'Atomics'])

/** Bound functions and proxies have no name in their text, functions of native code do. */
const NATIVE = /^(?:async )?(?:function|class) [^\s(]+\(\) \{ \[native code\] \}$/

/** Call before lockdown: later the accessors of `overrideTaming` hide what is behind them. */
export function takeLanguage({ vm }: HostModules): Language {
  // What a context has that Node has added nothing to.
  const own = vm.runInNewContext('Object.getOwnPropertyNames(globalThis)') as readonly string[]
  const names = new Set([...own].filter((name) => !NOT_LANGUAGE.has(name) && name !== 'globalThis'))
  const realm = globalThis as unknown as Readonly<Record<string, unknown>>
  const seen = new Set<object>()
  const queue: unknown[] = [...[...names].map((name) => realm[name]), ...behindSyntax()]
  for (let value = queue.pop(); queue.length > 0 || value !== undefined; value = queue.pop()) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value))
      continue
    seen.add(value)
    queue.push(Object.getPrototypeOf(value))
    for (const key of Reflect.ownKeys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, key)
      queue.push(property?.value, property?.get, property?.set)
    }
  }
  // Of another context, because SES makes functions of its own pass for native in this one.
  const sourceOf = vm.runInNewContext('Function.prototype.toString') as () => string
  return {
    names,
    has: (value) => seen.has(value),
    isAlien: (value) => !seen.has(value) && NATIVE.test(Reflect.apply(sourceOf, value, [])),
  }
}

/** Objects that no global leads to, only syntax or a call. */
function behindSyntax(): readonly unknown[] {
  const iterator = [].values()
  const makers: readonly (() => unknown)[] = [
    () => function* () {},
    () => async function () {},
    () => async function* () {},
    () => (function* () {})(),
    () => (async function* () {})(),
    () => iterator,
    () => new Map().entries(),
    () => new Set().values(),
    () => ''[Symbol.iterator](),
    () => 'a'.matchAll(/a/g),
    () => new Intl.Segmenter().segment('a'),
    () => new Intl.Segmenter().segment('a')[Symbol.iterator](),
    () => Object.getOwnPropertyDescriptor(sloppyArguments(), 'callee')?.get,
    // Younger than the oldest Node: absent there.
    () => Reflect.apply(Reflect.get(iterator, 'map') as () => object, iterator, [String]),
    () =>
      Reflect.apply(
        Reflect.get(Reflect.get(globalThis, 'Iterator') as object, 'from') as () => object,
        null,
        [{ next: () => ({ done: true }) }],
      ),
  ]
  return makers.flatMap((make) => {
    try {
      const value = make()
      return [value, typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : undefined]
    } catch {
      return []
    }
  })
}

/** In strict code, `callee` of it is the function that always throws. */
function sloppyArguments(): object {
  return (function (): object {
    // oxlint-disable-next-line prefer-rest-params -- the object itself is wanted
    return arguments
  })()
}
