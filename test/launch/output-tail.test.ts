// Of what a child prints the last bytes are kept, and a child that prints without end is not read without end.
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { makeOutputTail } from '../../lib/launch/output-tail.js'

t.test('the end of a long output', async (t) => {
  const tail = makeOutputTail()
  for (let at = 0; at < 1000; at++) tail.add(Buffer.from(`line ${at}\n`))
  t.match(tail.text(), /line 999\n$/)
  t.equal(tail.text().length, 8192)
})

t.test('an endless output', async (t) => {
  let pulled = 0
  const endless = new Readable({
    read(bytes) {
      pulled += bytes
      this.push(Buffer.alloc(bytes, 120))
    },
  })
  makeOutputTail().of(endless)
  await once(endless, 'pause')
  for (let turns = 0; turns < 20; turns++) await turn()
  t.ok(pulled <= 2 * 65_536 + 16_384, `${pulled} bytes were asked for before the rest`)
  await once(endless, 'resume')
  t.pass('and it is read on')
  endless.destroy()
})
