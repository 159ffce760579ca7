/**
 * IP addresses as the JDK reads them in a permission, which is more than `readHost` of
 * host.ts takes: `127.1` and `2130706433` are addresses here, because a Java policy
 * that names them grants 127.0.0.1.
 */

/** Characters of the longest IPv4 address; the JDK looks at no longer text. */
const MAX_IPV4 = 15
const GROUPS = 8

/**
 * The address as `InetAddress.getHostAddress` writes it, so that equal addresses are
 * equal texts: `127.0.0.1`, or eight groups without `::`. An IPv4-mapped address is
 * the IPv4 one; a zone (`%eth0`) is dropped. `undefined` for anything else.
 */
export function readIpLiteral(text: string): string | undefined {
  const bytes = readIpv4(text)
  if (bytes !== undefined) return bytes.join('.')
  const groups = readIpv6(text)
  if (groups === undefined) return undefined
  const [high = 0, low = 0] = groups.slice(6)
  const mapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)
  if (mapped) return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
  return groups.map((group) => group.toString(16)).join(':')
}

/** One to four decimal parts; the last one fills all bytes that are left. Leading zeros are no octal. */
function readIpv4(text: string): readonly number[] | undefined {
  if (text.length > MAX_IPV4) return undefined
  const parts = text.split('.')
  if (parts.length > 4 || !parts.every((part) => /^\d+$/.test(part))) return undefined
  const bytes = parts.slice(0, -1).map(Number)
  let rest = Number(parts[parts.length - 1])
  const width = 4 - bytes.length
  if (bytes.some((byte) => byte > 0xff) || rest >= 256 ** width) return undefined
  const tail: number[] = []
  for (let index = 0; index < width; index += 1) {
    tail.unshift(rest % 256)
    rest = Math.floor(rest / 256)
  }
  return [...bytes, ...tail]
}

function readIpv6(text: string): readonly number[] | undefined {
  const percent = text.indexOf('%')
  if (percent !== -1 && percent === text.length - 1) return undefined
  const body = percent === -1 ? text : text.slice(0, percent)
  const gap = body.indexOf('::')
  const head = readGroups(gap === -1 ? body : body.slice(0, gap), gap === -1)
  const tail = readGroups(gap === -1 ? '' : body.slice(gap + 2), true)
  if (head === undefined || tail === undefined) return undefined
  const missing = GROUPS - head.length - tail.length
  if (gap === -1 ? missing !== 0 : missing < 1) return undefined
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail]
}

/** Groups of 16 bits; the very last two may be written as an IPv4 address of four parts. */
function readGroups(text: string, last: boolean): readonly number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    if (/^0*[\da-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16))
      continue
    }
    const quad =
      last && index === parts.length - 1 && part.split('.').length === 4 ? readIpv4(part) : undefined
    if (quad === undefined) return undefined
    const [a = 0, b = 0, c = 0, d = 0] = quad
    groups.push(a * 256 + b, c * 256 + d)
  }
  return groups
}
