import type { Server } from 'node:net'

/** How many connections a server of this process has accepted since now. */
export function countConnections(server: Server): () => number {
  let accepted = 0
  server.on('connection', () => {
    accepted += 1
  })
  return () => accepted
}
