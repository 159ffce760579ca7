/**
 * Allocation loops, each the body of a function. Plain JavaScript that a plugin could
 * hold by mistake: nothing in it is forbidden, all of it wants more memory than there
 * is. Which of them end a whole process when only a thread's limits stand in their
 * way is in docs/threat-model.md.
 */
import { cases, ended, refused, type AttackCase } from '../attack-case.js'

/** The body of each by its name, in the order of the table in docs/threat-model.md. */
export const LOOPS: { readonly [name: string]: string } = {
  'array-of-numbers': 'const a = []; for (;;) a.push(1.1 * Math.random())',
  'array-of-objects': 'const a = []; for (;;) a.push({ x: a.length })',
  'one-big-array': 'globalThis.k = new Array(3e7).fill(0)',
  'many-big-arrays': 'const a = []; for (;;) a.push(new Array(5e6).fill(1.5))',
  'doubled-string': "let s = 'x'; for (;;) s += s",
  'flat-strings': "const k = []; for (;;) k.push(Buffer.from('x'.repeat(1e7)).toString() + k.length)",
  'flattened-repeat':
    "const k = []; const s = 'ab'.repeat(2e8); k.push(JSON.stringify([s])); k.push(s.split(''))",
  split: "return ('x,'.repeat(2e7)).split(',').length",
  map: 'const m = new Map(); for (let i = 0; ; i++) m.set(i, i)',
  set: 'const m = new Set(); for (let i = 0; i < 2e7; i++) m.add(i)',
  'array-from': 'return Array.from({ length: 5e7 }, (_, i) => i).length',
  spread: "const a = [...'x'.repeat(5e7)]; return a.length",
  'regex-matches': "return 'x'.repeat(5e7).match(/x/g).length",
  'json-parse': "return JSON.parse('[' + '1,'.repeat(3e7) + '1]').length",
  bigint: 'let b = 2n; for (;;) b = b * b',
  promises: 'const a = []; for (;;) a.push(new Promise(() => {}))',
  closures: 'let f = () => 0; for (;;) { const g = f; f = () => g }',
  'object-keys': "const o = {}; for (let i = 0; ; i++) o['k' + i] = i",
  'array-buffers': 'const a = []; for (let i = 0; i < 3000; i++) a.push(new Uint8Array(1e6).fill(1))',
  'deep-recursion': 'function f() { return [f()] } f()',
  'generated-code':
    "let s = ''; for (let i = 0; i < 3e6; i++) s += 'var a' + i + '=' + i + ';'; new Function(s)()",
  'typed-sort': 'return new Float64Array(3e7).sort().length',
  concat: 'let a = [1.1, 2.2]; for (;;) a = a.concat(a)',
  'sparse-array': 'const a = []; for (;;) a[a.length + 1000] = 1',
  'registered-symbols': "const a = []; for (let i = 0; ; i++) a.push(Symbol.for('k' + i))",
}

/** Loops that the language itself ends: legal work, so the plugin only gets its error and goes on. */
export const ENDED_BY_LANGUAGE: ReadonlySet<string> = new Set(['doubled-string', 'deep-recursion'])

/** One allocation of 240 MB: the kernel refuses it where the process has a limit of its data. */
const REFUSED_OR_ENDED = [...refused('PLUGIN_ERROR'), ...ended('PLUGIN_OUT_OF_MEMORY', 'PLUGIN_BLOCKED')]

export const ALLOCATION_LOOPS: readonly AttackCase[] = Object.entries(LOOPS).flatMap(([name, code]) =>
  cases(
    ENDED_BY_LANGUAGE.has(name)
      ? {
          chapter: 'allocation loops',
          by: 'the language',
          withinMs: 300,
          expect: refused('PLUGIN_ERROR'),
        }
      : {
          chapter: 'allocation loops',
          by: 'heapMb, externalMb or blockedMs, whichever comes first',
          withinMs: 300,
          expect: ended('PLUGIN_OUT_OF_MEMORY', 'PLUGIN_BLOCKED'),
        },
    { [name]: name === 'typed-sort' ? { code, expect: REFUSED_OR_ENDED } : code },
  ),
)
