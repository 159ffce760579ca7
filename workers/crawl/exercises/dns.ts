/** Names: with a server that knows some of them, as the test has one, each question is answered. */
import { of, type Exercise } from './exercise.js'

const ASKED =
  'resolve resolve4 resolve6 resolveAny resolveCaa resolveCname resolveMx resolveNaptr resolveNs resolvePtr resolveSoa resolveSrv resolveTlsa resolveTxt'
const OTHERS = 'lookup lookupService reverse setServers setDefaultResultOrder'

export const DNS: readonly Exercise[] = [
  {
    covers: [...of('dns', `${ASKED} ${OTHERS}`), ...of('dns/promises', `${ASKED} ${OTHERS}`)],
    run: `
      const dns = require('dns'), resolver = new dns.Resolver({ timeout: 500, tries: 1 })
      await called((callback) => resolver.resolve4('a.test', callback)) // nothing more is asked where nobody knows it
      const names = { resolveCname: 'www.a.test' }, nobody = { resolvePtr: 'ENODATA' }
      for (const name of ${JSON.stringify(ASKED)}.split(' ')) {
        if (dns[name] === undefined) continue // younger than the oldest Node
        for (const ask of [() => called((callback) => dns[name](names[name] ?? 'a.test', callback)), () => dns.promises[name](names[name] ?? 'a.test')])
          await ask().then(keep, (error) => { if (keep(error).code !== nobody[name]) throw error })
      }
      keep(await called((callback) => dns.resolve('a.test', 'MX', callback)))
      keep(await called((callback) => dns.lookup('a.test', { all: true }, callback)))
      keep(await called((callback) => dns.lookupService('127.0.0.1', 80, callback)))
      keep(await called((callback) => dns.reverse('10.1.2.3', callback)))
      keep(await dns.promises.lookup('a.test'))
      keep(await dns.promises.lookupService('127.0.0.1', 80))
      keep(await dns.promises.reverse('10.1.2.3'))
      for (const { setServers, getServers, setDefaultResultOrder, getDefaultResultOrder } of [dns, dns.promises]) {
        setServers(['127.0.0.1:53'])
        keep(getServers())
        setDefaultResultOrder(getDefaultResultOrder())
      }
      const power = powers.find((each) => each?.lookupService)
      keep(await called((callback) => power.lookup('a.test', {}, callback)))
      keep(await called((callback) => power.query('MX', 'a.test', {}, callback)))
      keep(power.checkServers(['127.0.0.1']))`,
  },
]
