// What the plugin's thread tells of its limits is little however often they are reached, its sum is exact, and the node
// takes nothing else for it.
import t from 'tap'
import { parseLimitNotice, type LimitNotice } from '../../lib/protocol/limit-hit.js'
import { makeLimitNotices } from '../../workers/limit-notices.js'
import { makeFakeClock } from '../rpc/fake-clock.js'

t.test('one notice a second for each limit, and no count is lost', async (t) => {
  const clock = makeFakeClock()
  const sent: LimitNotice[] = []
  const deferred: (() => void)[] = []
  let room = true
  const reached = makeLimitNotices({
    clock,
    defer: (run) => deferred.push(run),
    send: (notice) => room && sent.push(notice) > 0,
  })
  const settle = (): void => {
    for (const run of deferred.splice(0)) run()
  }
  for (let n = 0; n < 1000; n++) reached('timers', 10)
  t.same(sent, [], 'nothing on the stack of the one who tells')
  settle()
  reached('files', 64)
  settle()
  t.same(sent, [
    { limit: 'timers', used: 10, count: 1000 },
    { limit: 'files', used: 64, count: 1 },
  ])
  for (let n = 0; n < 500; n++) reached('timers', 9)
  settle()
  t.equal(sent.length, 2, 'within the second nothing more')
  room = false
  clock.advance(1000)
  t.equal(sent.length, 2)
  room = true
  clock.advance(1000)
  t.same(sent.slice(2), [{ limit: 'timers', used: 9, count: 500 }], 'what found no room goes later')
  clock.advance(5000)
  t.equal(clock.pending, 0, 'then it rests')
  reached('timers', 10)
  settle()
  t.equal(sent.length, 4, 'and tells again at once')
})

const GOOD = { limit: 'sockets', used: 64, count: 3 }
const BAD: readonly [string, unknown][] = [
  ['nothing', null],
  ['a text', 'timers'],
  ['a limit that the host holds', { ...GOOD, limit: 'heapMb' }],
  ['no limit', { ...GOOD, limit: '__proto__' }],
  ['a count of none', { ...GOOD, count: 0 }],
  ['a negative count', { ...GOOD, count: -1 }],
  ['half a count', { ...GOOD, count: 0.5 }],
  ['a huge count', { ...GOOD, count: 1e300 }],
  ['a use in words', { ...GOOD, used: 'many' }],
]

t.test('what is taken as a notice', async (t) => {
  t.same(parseLimitNotice({ ...GOOD, more: 1 }), GOOD)
  for (const [name, value] of BAD) t.equal(parseLimitNotice(value), null, name)
})
