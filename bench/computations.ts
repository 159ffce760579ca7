/** The eight computations, as the source of one plugin; names are the route's `{name}`. */
export const COMPUTATIONS: readonly string[] = [
  'minisearch-index',
  'minisearch-search',
  'lunr',
  'stemmer',
  'json',
  'regex',
  'sort',
  'map',
]

/** Beside the eight: many tiny matches, the dearest thing that is known (docs/built-ins.md, What it costs). */
export const WORST = 'regex-dense'

export const COMPUTE_SOURCE = `
import MiniSearch from 'minisearch'
import lunr from 'lunr'
import { stemmer } from 'stemmer'

let seed = 42
const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648
const syllables = ['ka', 'to', 'mi', 'ren', 'sol', 'ing', 'ed', 'pla', 'ter', 'nes', 'ly', 'ful', 'com', 'pre']
const word = () => Array.from({ length: 1 + Math.floor(random() * 4) }, () => syllables[Math.floor(random() * syllables.length)]).join('')
const words = Array.from({ length: 4000 }, word)
const text = (count) => Array.from({ length: count }, () => words[Math.floor(random() * random() * words.length)]).join(' ')
const documents = Array.from({ length: 1500 }, (_, id) => ({ id, title: text(6), body: text(80) }))
const large = documents.map(({ body }) => body).join('\\n')
const lines = Array.from({ length: 10000 }, (_, i) =>
  '10.0.' + (i % 250) + '.7 - ' + words[i % 4000] + ' [12/Mar/2026:10:' + (i % 60) + ':00] "GET /' + words[i % 991] + '/' + i +
  '?q=' + words[i % 77] + ' HTTP/1.1" ' + (i % 7 ? 200 : 404) + ' ' + i)

const newIndex = () => {
  const index = new MiniSearch({ fields: ['title', 'body'] })
  index.addAll(documents)
  return index
}
let ready
const work = {
  'minisearch-index': () => newIndex().termCount,
  'minisearch-search': () => {
    ready ??= newIndex()
    let hits = 0
    for (let i = 0; i < 400; i++) hits += ready.search(words[i * 7] + ' ' + words[i * 3], { prefix: true, fuzzy: 0.2 }).length
    return hits
  },
  lunr: () => lunr(function () {
    this.ref('id'); this.field('title'); this.field('body')
    for (const document of documents.slice(0, 500)) this.add(document)
  }).search(words[3]).length,
  stemmer: () => { let n = 0; for (let i = 0; i < 60; i++) for (const one of words) n += stemmer(one + 'ation').length; return n },
  json: () => { let n = 0; for (let i = 0; i < 25; i++) n += JSON.stringify(JSON.parse(JSON.stringify(documents))).length; return n },
  regex: () => {
    let n = 0
    const line = /^(?<ip>\\S+) - (?<user>\\S+) \\[(?<at>[^\\]]+)\\] "(?<method>[A-Z]+) (?<path>\\S+)/
    for (let i = 0; i < 6; i++) {
      for (const entry of lines) {
        if (/ [45]\\d\\d \\d+$/.test(entry)) n++
        n += line.exec(entry).groups.path.length
        n += entry.replace(/\\?.* HTTP/, ' HTTP').length
      }
      for (const match of large.matchAll(/\\b([a-z]+)(ing|ed|ly)\\b/g)) n += match[1].length
    }
    return n
  },
  'regex-dense': () => {
    let n = 0
    for (let i = 0; i < 6; i++) {
      n += large.replace(/[aeiou]+/g, '').length
      for (const entry of lines) n += entry.split(/[\\s/"]+/).length + (entry.match(/\\d+/g) ?? []).length
    }
    return n
  },
  sort: () => { let n = 0; for (let i = 0; i < 30; i++) { const list = Array.from({ length: 20000 }, (_, at) => ({ key: (at * 7919 + i) % 20011 })); list.sort((a, b) => a.key - b.key); n += list[0].key } return n },
  map: () => { let n = 0; for (let i = 0; i < 12; i++) { const map = new Map(); for (let at = 0; at < 60000; at++) map.set(words[at % 4000] + (at % 997), at); for (const [key, value] of map) n += key.length + value } return n },
}
// About half a second each: the clock that is read has ticks of 10 ms.
const times = { 'minisearch-index': 6, 'minisearch-search': 1, lunr: 5, stemmer: 4, json: 6, regex: 10, sort: 6, map: 5, 'regex-dense': 4 }
export default {
  rest: [{ method: 'GET', path: '/_plugins/_bench/{name}', handle: (request) => {
      const { name } = request.params
      let result = 0
      for (let i = 0; i < times[name]; i++) result += work[name]()
      return { body: result }
    } }],
}`
