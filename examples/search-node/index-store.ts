/**
 * The indices of the node by name. Keeps the cluster state in step: creating,
 * deleting and meeting a new field each publish one change. Searching is
 * text-index.ts's, routing the REST layer's.
 */
import { randomUUID } from 'node:crypto'
import { propertiesOf, type Cluster, type Properties, type Settings } from './cluster.js'
import type { Source } from './fields.js'
import { HttpError, badRequest, indexNotFound } from './http-error.js'
import { makeTextIndex, type TextIndex } from './text-index.js'

export interface PutResult {
  readonly id: string
  readonly result: 'created' | 'updated'
}

export interface IndexStore {
  names(): readonly string[]
  /** @throws HttpError 404 `index_not_found_exception` */
  get(index: string): TextIndex
  has(index: string): boolean
  /** @throws HttpError 400 for a name that cannot be used or is taken */
  create(index: string, settings: Settings, properties: Properties): void
  /** @throws HttpError 404 `index_not_found_exception` */
  remove(index: string): void
  putMapping(index: string, properties: Properties): void
  /** Adds or replaces one document; an index that is not there is created, an id that is left out is made. */
  put(index: string, source: Source, id?: string): PutResult
}

const MAX_NAME_BYTES = 255
const FORBIDDEN = /[\\/*?"<>| ,#:]/

export function makeIndexStore(cluster: Cluster): IndexStore {
  const indices = new Map<string, TextIndex>()

  const get = (index: string): TextIndex => {
    const found = indices.get(index)
    if (found === undefined) throw indexNotFound(index)
    return found
  }

  const create = (index: string, settings: Settings, properties: Properties): TextIndex => {
    checkName(index)
    if (indices.has(index)) {
      throw new HttpError(400, 'resource_already_exists_exception', `index [${index}] already exists`)
    }
    const made = makeTextIndex()
    indices.set(index, made)
    cluster.addIndex(index, settings, properties)
    return made
  }

  /** Publishes only fields that the mapping does not have yet. */
  const learn = (index: string, properties: Properties): void => {
    const metadata = cluster.index(index)
    const known = metadata === undefined ? {} : propertiesOf(metadata)
    const fresh = Object.entries(properties).filter(([field]) => !Object.hasOwn(known, field))
    if (fresh.length > 0) cluster.putProperties(index, Object.fromEntries(fresh))
  }

  return {
    names: () => [...indices.keys()].sort(),
    get,
    has: (index) => indices.has(index),
    create: (index, settings, properties) => void create(index, settings, properties),
    remove(index) {
      get(index)
      indices.delete(index)
      cluster.removeIndex(index)
    },
    putMapping(index, properties) {
      get(index)
      if (Object.keys(properties).length === 0) throw badRequest('[properties] must name at least one field')
      learn(index, properties)
    },
    put(index, source, id = randomUUID()) {
      const target = indices.get(index) ?? create(index, {}, {})
      const result = target.get(id) === undefined ? 'created' : 'updated'
      const fresh = target.put(id, source)
      if (fresh.size > 0)
        learn(index, Object.fromEntries([...fresh].map(([field, type]) => [field, { type }])))
      return { id, result }
    },
  }
}

/** The rules of OpenSearch for index names. */
function checkName(index: string): void {
  const problem =
    index !== index.toLowerCase()
      ? 'must be lowercase'
      : /^[_\-+]/.test(index)
        ? "must not start with '_', '-', or '+'"
        : FORBIDDEN.test(index)
          ? 'must not contain the characters \\ / * ? " < > | space , # :'
          : index === '.' || index === '..' || index === ''
            ? "must not be '', '.' or '..'"
            : Buffer.byteLength(index) > MAX_NAME_BYTES
              ? `must not be longer than ${MAX_NAME_BYTES} bytes`
              : undefined
  if (problem === undefined) return
  throw new HttpError(400, 'invalid_index_name_exception', `Invalid index name [${index}], ${problem}`)
}
