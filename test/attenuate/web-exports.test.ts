// Every export of stream/web and stream/consumers, and every member of the web classes, on each supported Node, is
// there for plugins or is listed here as cut, with the reason in docs/built-ins.md. One that nobody knows fails.
import { createRequire } from 'node:module'
import t from 'tap'
import { WEB_GLOBALS } from '../../workers/attenuate/modules.js'
import { startThread } from './thread.js'

/** Of a newer Node only; docs/built-ins.md says so. */
const CUT: ReadonlySet<string> = new Set([
  'ReadableStreamTee',
  'Request.prototype.textStream',
  'Response.prototype.textStream',
])
const PATTERN = /Stream|Blob|^File$|FormData|^Headers$|^Request$|^Response$|^fetch$|Strategy/

/** Names of what a class itself and its objects have. */
function membersOf(Class: unknown): readonly string[] {
  if (typeof Class !== 'function') return []
  const own = (owner: unknown): string[] => Object.getOwnPropertyNames(owner ?? {})
  const { prototype } = Class as { readonly prototype?: unknown }
  return [
    ...own(Class).filter((name) => !(name in Function.prototype) && name !== 'prototype'),
    ...own(prototype).map((name) => `prototype.${name}`),
  ]
}
const require = createRequire(import.meta.url)

t.test('every export of the modules is there or known to be cut', async (t) => {
  const thread = await startThread(t)
  for (const module of ['stream/web', 'stream/consumers']) {
    const here = Object.keys(require(`node:${module}`) as object)
    const there = (await thread.value(`Object.keys(require('${module}'))`)) as readonly string[]
    t.same(
      here.filter((name) => !there.includes(name) && !CUT.has(name)),
      [],
      module,
    )
  }
  t.same(
    await thread.value(`['Blob', 'File'].filter((name) => require('buffer')[name] !== globalThis[name])`),
    [],
  )
})

t.test('every web global of Node is one of plugins, with each of its members', async (t) => {
  const thread = await startThread(t)
  const here = Object.getOwnPropertyNames(globalThis).filter((name) => PATTERN.test(name))
  t.same(
    here.filter((name) => !WEB_GLOBALS.includes(name)),
    [],
    'no global is missing',
  )
  for (const name of here) {
    const members = membersOf(Reflect.get(globalThis, name)).filter((member) => !CUT.has(`${name}.${member}`))
    const missing = await thread.value(`${JSON.stringify(members)}.filter((member) => {
      const [first, rest] = member.split('.')
      return rest === undefined ? !(first in ${name}) : !(rest in (${name}.prototype ?? {}))
    })`)
    t.same(missing, [], name)
  }
})
