/** Puts together the network of one plugin; what it is is net.ts. */
import type { Grant } from '../../../lib/policy/grant.js'
import type { Harden } from '../../lockdown.js'
import type { LimitReached } from '../limit-reached.js'
import type { Realm } from '../realm.js'
import type { Tell } from '../tell.js'
import type { WorkLine } from '../work-line.js'
import { makeConnect } from './connect.js'
import { makeDeliver } from './events.js'
import { makeGate } from './gate.js'
import { makeListen } from './listen.js'
import type { NetPowers } from './net-powers.js'
import { makeResolve } from './resolve.js'
import { makeSockets } from './sockets.js'
import type { Net } from './net.js'
import { makeStreams, MOST_BYTES } from './stream.js'
import { makeTls, type Tls } from '../tls/tls.js'

export interface NetOptions {
  readonly grant: Grant
  readonly powers: NetPowers
  readonly realm: Realm
  readonly harden: Harden
  readonly limits: { readonly sockets: number }
  /** Of all lookups of the plugin. */
  readonly line: WorkLine
  readonly tell: Tell
  readonly reached?: LimitReached | undefined
  readonly onUncaught: (error: unknown) => void
}

export interface NetKit {
  readonly net: Net
  readonly tls: Tls
  /** Ends every socket and server at once; each call after it throws `PLUGIN_STOPPED`. */
  teardown(): void
}

export function makeNet(options: NetOptions): NetKit {
  const { grant, powers, realm, harden, limits, line, tell, onUncaught } = options
  const { systemError } = powers
  const { setTimeout, clearTimeout, setImmediate } = realm
  const gate = makeGate({ grant, systemError, tell })
  const resolve = makeResolve(powers, line)
  const sockets = makeSockets(systemError, limits.sockets, options.reached)
  const deliver = makeDeliver(sockets.isStopped, onUncaught)
  const streams = makeStreams({ sockets, systemError, deliver, setImmediate })
  const net: Net = {
    ...streams.powers,
    connect: makeConnect({
      powers,
      gate,
      resolve,
      sockets,
      streams,
      deliver,
      setTimeout,
      clearTimeout,
      setImmediate,
    }),
    ...makeListen({ powers, gate, resolve, sockets, deliver }),
    mostBytes: MOST_BYTES,
  }
  const tls = makeTls({ host: realm.tls, sockets, streams, deliver, systemError, harden })
  return {
    net: harden(net),
    tls: harden(tls),
    teardown() {
      line.close()
      sockets.closeAll()
    },
  }
}
