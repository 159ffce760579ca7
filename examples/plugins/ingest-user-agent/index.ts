/**
 * The `user_agent` ingest processor: reads a User-Agent header from one field and
 * writes what it says about browser, system and device into another, with the
 * option names and the output shape of OpenSearch's ingest-user-agent.
 * Parsing is bowser's; this file maps fields and decides what to do without one.
 */
import Bowser from 'bowser'
import { definePlugin, type IngestDocument, type Json } from 'bulkhead/plugin'

/** Longer headers are cut: no browser sends them, and regexes run over every character. */
const MAX_HEADER_CHARACTERS = 2048

interface Options {
  readonly field: string
  readonly targetField: string
  readonly ignoreMissing: boolean
}

function parseOptions(config: { readonly [key: string]: Json }): Options {
  const { field, target_field: targetField = 'user_agent', ignore_missing: ignoreMissing = false } = config
  if (typeof field !== 'string' || field === '') {
    throw new Error('user_agent: "field" must name the field that holds the User-Agent header')
  }
  if (typeof targetField !== 'string' || targetField === '') {
    throw new Error('user_agent: "target_field" must be a field name')
  }
  if (typeof ignoreMissing !== 'boolean')
    throw new Error('user_agent: "ignore_missing" must be true or false')
  return { field, targetField, ignoreMissing }
}

/** What the header says; parts it does not say are left out, an unknown browser is `Other`. */
function describe(header: string): { readonly [key: string]: Json } {
  const { browser, os, platform } = Bowser.parse(header.slice(0, MAX_HEADER_CHARACTERS) || ' ') // bowser throws on an empty one
  const system = [os.name, os.versionName ?? os.version].filter((part) => part !== undefined).join(' ')
  return {
    name: browser.name || 'Other',
    ...(browser.version ? { version: browser.version } : {}),
    ...(os.name === undefined
      ? {}
      : {
          os: { name: os.name, ...(os.version === undefined ? {} : { version: os.version }), full: system },
        }),
    device: { name: platform.model ?? platform.vendor ?? 'Other', type: platform.type ?? 'unknown' },
    original: header,
  }
}

function process(document: IngestDocument, options: Options): IngestDocument {
  const header = document[options.field]
  if (typeof header === 'string') return { ...document, [options.targetField]: describe(header) }
  if (options.ignoreMissing) return document
  throw new Error(`user_agent: field [${options.field}] is not in the document as text`)
}

export default definePlugin({
  ingest: {
    user_agent: (config) => {
      const options = parseOptions(config)
      return (documents) => documents.map((document) => process(document, options))
    },
  },
})
