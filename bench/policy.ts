/**
 * Decisions a second with 5,000 rules against the same with 50, and against what one
 * would use instead for paths. Every round asks 10,000 requests whose text nothing has
 * seen before, half of which no rule grants; no answer is kept. Last, how near the
 * dearest of a thousand hostile patterns comes to its bound.
 */
import { createRequire } from 'node:module'
import { compilePattern, decide, parseJavaPolicy, type AccessRequest, type Grant } from 'bulkhead/policy'
import { rulesFrom } from '../lib/policy/capability.js'
import { readPath } from '../lib/policy/match.js'
import { worstShares } from '../test/policy/hostile.js'
import { grantOf } from '../test/policy/support.js'
import { parsing } from './policy-parse.js'
import { RULE_SHAPES, type RuleShape } from './policy-rules.js'
import { compared, median, result, type Result } from './stats.js'

const require = createRequire(import.meta.url)
const picomatch = require('picomatch') as (
  globs: readonly string[],
  options: { readonly dot: boolean },
) => (path: string) => boolean

const ROUNDS = 7
const REQUESTS = 10_000
const MANY = 5_000
const FEW = 50
/** Where the numbers begin that no rule has. */
const BEYOND = 6_000
/** A scan of 5,000 rules is too slow for all requests of a round. */
const SCANNED = 500

/** One contestant: answers whether the request is allowed. */
interface Contestant {
  readonly name: string
  readonly allows: (request: AccessRequest) => boolean
  readonly requests: (round: number) => readonly AccessRequest[]
  readonly perSecond: number[]
}

export function policy(): Promise<readonly Result[]> {
  const mixed = { name: 'all of these in one grant', shapes: RULE_SHAPES }
  const groups = [...RULE_SHAPES.map((shape) => ({ name: shape.name, shapes: [shape] })), mixed]
  const results: Result[] = []
  for (const { name, shapes } of groups) {
    const few = deciding(`${name}, ${FEW} rules`, shapes, FEW)
    const many = deciding(`${name}, ${MANY} rules`, shapes, MANY)
    const peers = name === 'paths' ? pathPeers(shapes) : []
    race([few, many, ...peers])
    const reference = rate(few)
    const measured = compare(many, reference)
    results.push(reference, measured, ...peers.map((peer) => compare(peer, measured)))
  }
  for (const [kind, share] of Object.entries(worstShares())) {
    results.push(
      result(`dearest of 1000 hostile patterns, ${kind}`, share, 'of pattern length × input length'),
    )
  }
  results.push(...parsing((text) => parseJavaPolicy(text)))
  return Promise.resolve(results)
}

function race(contestants: readonly Contestant[]): void {
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const { name, allows, requests, perSecond } of contestants) {
      const asked = requests(round)
      const begun = performance.now()
      let allowed = 0
      for (const request of asked) if (allows(request)) allowed += 1
      const ms = performance.now() - begun
      if (allowed * 2 !== asked.length) throw new Error(`${name}: allowed ${allowed} of ${asked.length}`)
      if (round > 0) perSecond.push((asked.length / ms) * 1000) // compiled before it counts
    }
  }
}

function deciding(name: string, shapes: readonly RuleShape[], total: number): Contestant {
  const grant = grantFor(shapes, total)
  return {
    name,
    allows: (request) => decide(grant, request).allowed,
    requests: (round) => requestsFor(shapes, total, REQUESTS, `${round}`),
    perSecond: [],
  }
}

/** picomatch over the list, and our own patterns tried from the top. */
function pathPeers(shapes: readonly RuleShape[]): readonly Contestant[] {
  const texts = shapes.flatMap((shape) => numbers(MANY).map(shape.rule))
  const patterns = texts.map((text) => compilePattern('path', text))
  const matches = picomatch(texts, { dot: true })
  const pathOf = (request: AccessRequest): string => ('path' in request ? String(request.path) : '')
  const requests = (round: number): readonly AccessRequest[] => requestsFor(shapes, MANY, SCANNED, `${round}`)
  return [
    {
      name: `paths, ${MANY} rules, our patterns without the index`,
      allows: (request) => {
        const target = readPath(pathOf(request))
        return target !== undefined && patterns.some((pattern) => pattern.matches(target))
      },
      requests,
      perSecond: [],
    },
    {
      name: `paths, ${MANY} rules, picomatch`,
      allows: (request) => matches(pathOf(request)),
      requests,
      perSecond: [],
    },
  ]
}

function grantFor(shapes: readonly RuleShape[], total: number): Grant {
  return grantOf(
    rulesFrom((capability) => {
      const own = shapes.flatMap((shape, index) =>
        shape.capability === capability ? numbers(share(total, shapes.length, index)).map(shape.rule) : [],
      )
      return own.length === 0 ? undefined : own
    }),
  )
}

/** Every other one is granted by a rule; as they come off the wire, so that texts are fresh and whole. */
function requestsFor(
  shapes: readonly RuleShape[],
  total: number,
  count: number,
  round: string,
): readonly AccessRequest[] {
  const known = shapes.map((_, index) => numbers(share(total, shapes.length, index)))
  const made = Array.from({ length: count }, (_, at) => {
    const pair = at >> 1
    const index = pair % shapes.length
    const own = known[index] ?? []
    const turn = Math.floor(pair / shapes.length)
    const n = at % 2 === 0 ? (own[turn % own.length] ?? 0) : BEYOND + (turn % MANY)
    return shapes[index]?.ask(n, round + at.toString(36).padStart(4, '0'))
  })
  return JSON.parse(JSON.stringify(made)) as AccessRequest[]
}

/** Numbers of `count` rules, spread over all that there could be so that every form of a shape occurs. */
function numbers(count: number): readonly number[] {
  let step = Math.floor(MANY / count)
  while (step % 2 === 0 || step % 3 === 0) step -= 1
  return Array.from({ length: count }, (_, index) => index * step)
}

function share(total: number, shapes: number, index: number): number {
  return Math.floor(total / shapes) + (index < total % shapes ? 1 : 0)
}

function rate({ name, perSecond }: Contestant): Result {
  return result(name, median(perSecond), 'decisions/s')
}

function compare({ name, perSecond }: Contestant, reference: Result): Result {
  return compared(name, median(perSecond), 'decisions/s', reference)
}
