// The operator chooses by pattern what takes the place of an answer: the most specific pattern decides, and what an
// extension point cannot do is refused with the reason.
import t from 'tap'
import { makeFallbacks } from '../../lib/failure/fallback.js'

t.test('the most specific pattern decides, whatever the order', async (t) => {
  const rules = {
    ingest: 'skip',
    'ingest:geo*': 'fail',
    'ingest:geo-ip': 'skip',
    rest: 'last-good',
    'rest:/_plugins/**': 'fail',
    'rest:/_plugins/_demo/**': 'last-good',
    'rest:/_plugins/_demo/now': 'fail',
  } as const
  const points = {
    'ingest:user-agent': 'skip',
    'ingest:geo-ip': 'skip',
    'ingest:geo-shape': 'fail',
    'rest:/elsewhere': 'last-good',
    'rest:/_plugins/_other/x': 'fail',
    'rest:/_plugins/_demo/{id}': 'last-good',
    'rest:/_plugins/_demo/now': 'fail',
    'transport:any': 'fail',
  }
  for (const entries of [Object.entries(rules), Object.entries(rules).toReversed()]) {
    const choose = makeFallbacks(Object.fromEntries(entries))
    for (const [point, kind] of Object.entries(points)) t.equal(choose(point), kind, point)
  }
  t.equal(makeFallbacks({})('ingest:any'), 'fail', 'fail where nothing is said')
})

const REFUSED: readonly [string, string, RegExp][] = [
  ['ingest:geo', 'last-good', /'fail' or 'skip': an earlier document is no answer for this one/],
  ['rest:/**', 'skip', /'fail' or 'last-good': a request that is passed over has no reply/],
  ['ingest', 'always', /is 'fail' or 'skip'$/],
  ['analysis:icu', 'skip', /there are fallbacks for ingest and rest only/],
  ['rest:_plugins', 'fail', /write 'rest:\/_plugins'/],
  ['toString', 'fail', /./],
  ['', 'fail', /./],
]

for (const [pattern, kind, remedy] of REFUSED) {
  t.test(`'${pattern}': '${kind}' is refused`, async (t) => {
    t.throws(() => makeFallbacks({ [pattern]: kind }), {
      code: 'CONFIG_INVALID',
      detail: { option: `fallback.${pattern}`, remedy },
    })
  })
}
