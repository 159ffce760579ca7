/**
 * One index: the documents by id, and for each field a MiniSearch over its words, so
 * that a field nobody announced can be searched as soon as a document brings it.
 */
import MiniSearch from 'minisearch'
import { fieldsOf, typeOf, type FieldType, type Source } from './fields.js'
import type { Query } from './query.js'

export interface Hit {
  readonly id: string
  readonly score: number
  readonly source: Source
}

export interface TextIndex {
  readonly size: number
  get(id: string): Source | undefined
  /** Adds or replaces; gives the fields that no document had before. */
  put(id: string, source: Source): ReadonlyMap<string, FieldType>
  /** Best first; documents that match in several fields score the sum. */
  search(query: Query): readonly Hit[]
}

type FieldText = { readonly id: string; readonly text: string }

export function makeTextIndex(): TextIndex {
  const documents = new Map<string, Source>()
  const fields = new Map<string, MiniSearch<FieldText>>()

  const remove = (id: string, source: Source): void => {
    for (const name of fieldsOf(source).keys()) fields.get(name)?.discard(id)
  }

  const search = (
    name: string,
    words: string,
    operator: 'and' | 'or',
  ): readonly (readonly [string, number])[] =>
    (fields.get(name)?.search(words, { combineWith: operator === 'and' ? 'AND' : 'OR' }) ?? []).map(
      ({ id, score }) => [String(id), score] as const,
    )

  const scored = (query: Exclude<Query, { readonly kind: 'all' }>): readonly Hit[] => {
    const names = query.kind === 'match' ? [query.field] : [...fields.keys()]
    const scores = new Map<string, number>()
    for (const name of names) {
      for (const [id, score] of search(name, query.words, query.operator)) {
        scores.set(id, (scores.get(id) ?? 0) + score)
      }
    }
    return [...scores]
      .sort(([, one], [, other]) => other - one)
      .map(([id, score]) => ({ id, score, source: documents.get(id) ?? {} }))
  }

  return {
    get size() {
      return documents.size
    },
    get: (id) => documents.get(id),
    put(id, source) {
      const old = documents.get(id)
      if (old !== undefined) remove(id, old)
      documents.set(id, source)
      const fresh = new Map<string, FieldType>()
      for (const [name, values] of fieldsOf(source)) {
        let index = fields.get(name)
        if (index === undefined) {
          index = new MiniSearch<FieldText>({ fields: ['text'] })
          fields.set(name, index)
          fresh.set(name, typeOf(values[0] ?? ''))
        }
        index.add({ id, text: values.join(' ') })
      }
      return fresh
    },
    search: (query) =>
      query.kind === 'all' ? [...documents].map(([id, source]) => ({ id, score: 1, source })) : scored(query),
  }
}
