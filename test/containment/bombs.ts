/**
 * Allocation loops, each the body of a function. Plain JavaScript that a plugin could
 * hold by mistake: nothing in it is forbidden, all of it wants more memory than there
 * is. Which of them end a whole process when only a thread's limits stand in their
 * way is in docs/threat-model.md.
 */
export interface Bomb {
  readonly name: string
  readonly code: string
}

export const BOMBS: readonly Bomb[] = [
  { name: 'array-of-numbers', code: 'const a = []; for (;;) a.push(1.1 * Math.random())' },
  { name: 'array-of-objects', code: 'const a = []; for (;;) a.push({ x: a.length })' },
  { name: 'one-big-array', code: 'globalThis.k = new Array(3e7).fill(0)' },
  { name: 'many-big-arrays', code: 'const a = []; for (;;) a.push(new Array(5e6).fill(1.5))' },
  { name: 'doubled-string', code: "let s = 'x'; for (;;) s += s" },
  {
    name: 'flat-strings',
    code: "const k = []; for (;;) k.push(Buffer.from('x'.repeat(1e7)).toString() + k.length)",
  },
  {
    name: 'flattened-repeat',
    code: "const k = []; const s = 'ab'.repeat(2e8); k.push(JSON.stringify([s])); k.push(s.split(''))",
  },
  { name: 'split', code: "return ('x,'.repeat(2e7)).split(',').length" },
  { name: 'map', code: 'const m = new Map(); for (let i = 0; ; i++) m.set(i, i)' },
  { name: 'set', code: 'const m = new Set(); for (let i = 0; i < 2e7; i++) m.add(i)' },
  { name: 'array-from', code: 'return Array.from({ length: 5e7 }, (_, i) => i).length' },
  { name: 'spread', code: "const a = [...'x'.repeat(5e7)]; return a.length" },
  { name: 'regex-matches', code: "return 'x'.repeat(5e7).match(/x/g).length" },
  { name: 'json-parse', code: "return JSON.parse('[' + '1,'.repeat(3e7) + '1]').length" },
  { name: 'bigint', code: 'let b = 2n; for (;;) b = b * b' },
  { name: 'promises', code: 'const a = []; for (;;) a.push(new Promise(() => {}))' },
  { name: 'closures', code: 'let f = () => 0; for (;;) { const g = f; f = () => g }' },
  { name: 'object-keys', code: "const o = {}; for (let i = 0; ; i++) o['k' + i] = i" },
  {
    name: 'array-buffers',
    code: 'const a = []; for (let i = 0; i < 3000; i++) a.push(new Uint8Array(1e6).fill(1))',
  },
  { name: 'deep-recursion', code: 'function f() { return [f()] } f()' },
  {
    name: 'generated-code',
    code: "let s = ''; for (let i = 0; i < 3e6; i++) s += 'var a' + i + '=' + i + ';'; new Function(s)()",
  },
  { name: 'typed-sort', code: 'return new Float64Array(3e7).sort().length' },
  { name: 'concat', code: 'let a = [1.1, 2.2]; for (;;) a = a.concat(a)' },
  { name: 'sparse-array', code: 'const a = []; for (;;) a[a.length + 1000] = 1' },
  { name: 'registered-symbols', code: "const a = []; for (let i = 0; ; i++) a.push(Symbol.for('k' + i))" },
]
