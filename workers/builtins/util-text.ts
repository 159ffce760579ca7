/** What `util` does to texts: styles, variables of a file, well-formed strings. */
import type { Module } from './module.js'

/** @param colors - `inspect.colors`: by name, the codes before and behind */
export function utilText(colors: Readonly<Record<string, readonly [number, number]>>): Module {
  return {
    /** Without `validateStream: false` the text stays plain, as it does in Node where standard output is no terminal. */
    styleText(format: unknown, text: unknown, options?: { readonly validateStream?: unknown }) {
      if (typeof text !== 'string') throw invalid('The "text" argument must be of type string')
      const names = Array.isArray(format) ? (format as readonly unknown[]) : [format]
      const styled = names.reduceRight<string>((inner, name) => {
        const codes = typeof name === 'string' && Object.hasOwn(colors, name) ? colors[name] : undefined
        if (codes === undefined)
          throw invalid(
            `The argument 'format' must be one of: ${Object.keys(colors).join(', ')}`,
            'ERR_INVALID_ARG_VALUE',
          )
        return `\u001b[${codes[0]}m${inner}\u001b[${codes[1]}m`
      }, text)
      return options?.validateStream === false ? styled : text
    },
    parseEnv,
    toUSVString: (text: unknown) => String(text).replace(/[\uD800-\uDFFF]/gu, '\uFFFD'),
  }
}

/** `NAME=value` lines: quotes of three kinds, `#` comments, `export` before a name; as Node reads `.env` files. */
function parseEnv(content: unknown): Record<string, string> {
  if (typeof content !== 'string') throw invalid('The "content" argument must be of type string')
  const found: Record<string, string> = {}
  let rest = content.replaceAll('\r\n', '\n')
  while (rest !== '') {
    const end = rest.indexOf('\n') === -1 ? rest.length : rest.indexOf('\n')
    const line = rest.slice(0, end)
    const equals = line.indexOf('=')
    if (equals === -1 || line.trimStart().startsWith('#')) {
      rest = rest.slice(end + 1)
      continue
    }
    const name = line
      .slice(0, equals)
      .trim()
      .replace(/^export\s+/, '')
    const value = rest.slice(equals + 1).replace(/^[^\S\n]+/, '')
    const quote = value[0] ?? ''
    const close = '"\'`'.includes(quote) && quote !== '' ? value.indexOf(quote, 1) : -1
    let read: string
    if (close === -1) {
      const [plain = ''] = value.split('\n', 1)
      read = (plain.split('#', 1)[0] ?? '').trim()
      rest = value.slice(plain.length + 1)
    } else {
      const quoted = value.slice(1, close)
      read = quote === '"' ? quoted.replaceAll('\\n', '\n') : quoted
      const after = value.indexOf('\n', close)
      rest = after === -1 ? '' : value.slice(after + 1)
    }
    if (name !== '') found[name] = read
  }
  return found
}

function invalid(message: string, code = 'ERR_INVALID_ARG_TYPE'): TypeError {
  return Object.assign(new TypeError(message), { code })
}
