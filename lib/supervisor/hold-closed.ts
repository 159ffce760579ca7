/**
 * A port that says `closed` only once the exit report is known, so that outstanding
 * calls fail with the reason (out of memory, a signal) instead of "closed".
 */
import type { ExitReport } from '../powers.js'
import type { Port } from '../rpc/port.js'

export function holdClosed(port: Port, exited: Promise<ExitReport>): Port {
  const { pause, resume } = port
  return {
    ...(pause === undefined || resume === undefined ? {} : { pause, resume }),
    send: (chunks) => port.send(chunks),
    close: () => port.close(),
    get buffered() {
      return port.buffered
    },
    listen(receiver) {
      let told = false
      const tell = (): void => {
        if (told) return
        told = true
        receiver.closed()
      }
      port.listen({
        bytes: (chunk) => receiver.bytes(chunk),
        closed(violation) {
          if (violation === undefined || told) return
          told = true
          receiver.closed(violation)
        },
      })
      void exited.then(tell)
    },
  }
}
