/**
 * The source of a plugin that runs cases on request and tells what they got. Whatever
 * a case gives back is turned into text with everything in it, memory behind views
 * included, so that nothing that was reached stays unsaid.
 */
import { ESCAPED, PROBE } from '../walls/chains.js'
import type { EscapeCase } from './escape-case.js'

/** Longest a case may take, ms; one that never settles is asked what it has in `told`. */
const MOST_MS = 2000

const TELL = `function tell(value, depth = 0, seen = new Set()) {
  try {
    if (typeof value === 'function') return 'function ' + value.name
    if (value === null || typeof value !== 'object') return String(value)
    if (seen.has(value) || depth > 5) return '...'
    seen.add(value)
    let text = ''
    if (ArrayBuffer.isView(value)) {
      text += bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) + ' of ' + bytes(new Uint8Array(value.buffer))
    } else if (value instanceof ArrayBuffer) text += bytes(new Uint8Array(value))
    if (value instanceof Error) text += value.name + ' ' + value.message + ' ' + value.stack
    if (value instanceof Map || value instanceof Set) return text + tell([...value], depth + 1, seen)
    for (const key of Reflect.ownKeys(value).slice(0, 200)) {
      if (/^\\d+$/.test(String(key)) && ArrayBuffer.isView(value)) continue
      let member
      try { member = value[key] } catch (error) { member = error }
      text += ' ' + String(key) + '=' + tell(member, depth + 1, seen)
    }
    return text
  } catch (error) { return 'unspeakable: ' + error }
}
function bytes(view) { let text = ''; for (const byte of view.subarray(0, 100000)) text += String.fromCharCode(byte); return text }`

/** What both the plugin and a bare Node run: `run(index, target)`. */
export function attackSource(cases: readonly EscapeCase[]): string {
  const functions = cases.map(({ code }) => `async (require, target, told, note) => { ${code} }`)
  const climbs = cases.map(({ climb }) => climb === true)
  return `${TELL}
${PROBE}
const { defineProperty: define } = Reflect // a case may change the array it tells by
const attacks = [${functions.join(',\n')}]
const climbs = ${JSON.stringify(climbs)}
async function run(load, index, target) {
  const told = []
  const note = (...values) => { for (let at = 0; at < values.length; at++) define(told, told.length, { value: values[at], configurable: true, enumerable: true, writable: true }) }
  let got
  try {
    got = await Promise.race([attacks[index](load, target, told, note), new Promise((resolve) => setTimeout(resolve, ${MOST_MS}, 'it did not settle'))])
  } catch (error) { got = error }
  let text = tell([got, told])
  if (climbs[index]) {
    try { const { reached } = await probe([got, told], ${JSON.stringify(ESCAPED)}); text += ' ' + reached.join(' ') } catch (error) { text += error }
  }
  return text.slice(0, 400000)
}`
}

/** A plugin over those cases, with routes below `/NAME`. */
export function attackerSource(name: string, cases: readonly EscapeCase[]): string {
  return `const load = require
${attackSource(cases)}
module.exports = { rest: [
  { method: 'POST', path: '/${name}/try', handle: async ({ body }) => ({ body: { text: await run(load, body.index, body.target) } }) },
  { method: 'POST', path: '/${name}/again', handle: ({ body }) => {
    let text
    try { text = String(load('fs').readFileSync(body.target.secretFile, 'utf8')) } catch (error) { text = String(error && error.code) }
    return { body: { text } }
  } },
] }`
}
