/**
 * Properties in the strings of a Java policy: `${name}` and `${/}`, as
 * `sun.security.util.PropertyExpander` has them on Linux, and what OpenSearch 3 does
 * instead with the name of a permission. Values are not expanded again.
 * `${{self}}` and `${{alias:name}}` stay as they stand: the JDK resolves them only
 * when it asks the policy, with principals and a keystore that are not here.
 */
export type Properties = Readonly<Record<string, string>>

/** `unset` names the first property without a value; '' where `${}` names none. */
export type Expansion = { readonly value: string } | { readonly unset: string }

/** @param asURL - a value is percent-encoded, unless it begins the text and is an absolute URI itself */
export function expandProperties(text: string, properties: Properties, asURL: boolean): Expansion {
  let at = text.indexOf('${')
  if (at < 0) return { value: text }
  const parts: string[] = []
  let begun = false
  let from = 0
  for (; at >= 0; at = text.indexOf('${', from)) {
    const double = text.startsWith('{', at + 2)
    const close = text.indexOf(double ? '}}' : '}', at + 2)
    if (close < 0) break
    if (double) {
      parts.push(text.slice(from, close + 2))
      from = close + 2
      begun = true
      continue
    }
    const name = text.slice(at + 2, close)
    const value = name === '/' ? '/' : ownValue(properties, name)
    if (value === undefined) return { unset: name }
    begun ||= at > from
    const encode = asURL && name !== '/' && (begun || !isAbsoluteURI(value))
    parts.push(text.slice(from, at), encode ? encodePath(value) : value)
    begun ||= value !== ''
    from = close + 1
  }
  parts.push(text.slice(from))
  return { value: parts.join('') }
}

/**
 * OpenSearch 3 expands `${java.home}` and `${user.home}` at the beginning of a name,
 * and otherwise `${{property}}`; a property that is not set stays as it stands.
 */
export function expandOpenSearch3Name(text: string, properties: Properties): Expansion {
  for (const name of ['java.home', 'user.home']) {
    const reference = `\${${name}}`
    if (!text.startsWith(reference)) continue
    const value = ownValue(properties, name)
    if (value === undefined) return { unset: name }
    // It cuts behind the first reference that a '/' follows; without one it counts from -1 and keeps the '}'.
    const rest = text.slice(text.indexOf(`${reference}/`) + reference.length)
    return { value: value + (value.endsWith(':') ? rest.slice(1) : rest) }
  }
  const parts: string[] = []
  let from = 0
  for (let at = text.indexOf('${{'); at >= 0; at = text.indexOf('${{', from)) {
    const close = text.indexOf('}}', at)
    if (close < 0) break
    const name = text.slice(at + 3, close)
    if (name === '') return { unset: name }
    parts.push(text.slice(from, at), ownValue(properties, name) ?? text.slice(at, close + 2))
    from = close + 2
  }
  parts.push(text.slice(from))
  return { value: parts.join('') }
}

function ownValue(properties: Properties, name: string): string | undefined {
  return name !== '' && Object.hasOwn(properties, name) ? properties[name] : undefined
}

/** As far as a code base goes: a scheme, then legal characters of RFC 2396 or others outside ASCII. */
function isAbsoluteURI(value: string): boolean {
  return /^[a-z][a-z\d+.-]*:(?:[\w!#$&'()*+,\-./:;=?@[\]~]|%[\da-f]{2}|[^\p{Cc}\p{Z}\0-\x7f])+$/iu.test(value)
}

/** Each UTF-16 unit by itself, as the JDK does it: a pair of surrogates becomes six bytes. */
function encodePath(value: string): string {
  return value.replace(/[\0-\x20"#%;<=>?[\\\]^`{|}\x7f-\uffff]/g, (char) => {
    const code = char.charCodeAt(0)
    if (code < 0x80) return percent(code)
    if (code < 0x800) return percent(0xc0 | (code >> 6)) + percent(0x80 | (code & 0x3f))
    return percent(0xe0 | (code >> 12)) + percent(0x80 | ((code >> 6) & 0x3f)) + percent(0x80 | (code & 0x3f))
  })
}

function percent(byte: number): string {
  return `%${byte.toString(16).padStart(2, '0')}`
}
