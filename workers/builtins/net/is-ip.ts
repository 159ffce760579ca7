/** Reading of addresses, as `net.isIP` does it; nothing is decided by this. */

/** The four bytes, or `undefined` for what is no dotted quad. */
export function bytesOfIPv4(text: string): readonly number[] | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined
  const bytes = parts.map(Number)
  return bytes.every((byte) => byte <= 255) ? bytes : undefined
}

/** The sixteen bytes, or `undefined`; a zone is not part of the address. */
export function bytesOfIPv6(text: string): readonly number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head = '', tail] = halves
  const before = bytesOfGroups(head, tail === undefined)
  const after = tail === undefined ? [] : bytesOfGroups(tail, true)
  if (before === undefined || after === undefined) return undefined
  if (tail === undefined) return before.length === 16 ? before : undefined
  const missing = 16 - before.length - after.length
  return missing < 2 ? undefined : [...before, ...Array.from({ length: missing }, () => 0), ...after]
}

function bytesOfGroups(text: string, mayEndInIPv4: boolean): readonly number[] | undefined {
  if (text === '') return []
  const bytes: number[] = []
  const groups = text.split(':')
  for (const [index, group] of groups.entries()) {
    if (mayEndInIPv4 && index === groups.length - 1 && group.includes('.')) {
      const quad = bytesOfIPv4(group)
      if (quad === undefined) return undefined
      bytes.push(...quad)
    } else {
      if (!/^[\da-f]{1,4}$/i.test(group)) return undefined
      const value = Number.parseInt(group, 16)
      bytes.push(value >> 8, value & 255)
    }
  }
  return bytes
}

export function isIPv4(input: unknown): boolean {
  return bytesOfIPv4(String(input)) !== undefined
}

export function isIPv6(input: unknown): boolean {
  const [address = '', zone] = String(input).split('%', 2)
  return (zone === undefined || /^[\w.-]+$/.test(zone)) && bytesOfIPv6(address) !== undefined
}

/** 4, 6, or 0 for what is no address. */
export function isIP(input: unknown): 0 | 4 | 6 {
  return isIPv4(input) ? 4 : isIPv6(input) ? 6 : 0
}
