// In bwrap a plugin finds what its grant names and nothing else of the machine, though it may do with it all that
// it may do outside; and where the machine refuses bwrap, the node says so before any plugin starts.
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { nodeLaunchPowers } from '../../lib/launch/launch-powers.js'
import { systemPrograms } from '../../lib/launch/programs.js'
import { runPlugin } from '../../lib/testing/index.js'

const SOURCE = `
import fs from 'node:fs/promises'
import net from 'node:net'
const tried = async (run) => { try { return await run() } catch (error) { return error.code } }
export default { rest: [
  { method: 'POST', path: '/read', handle: async ({ body }) => ({ body: await tried(() => fs.readFile(body, 'utf8')) }) },
  { method: 'POST', path: '/write', handle: async ({ body }) => ({ body: String(await tried(() => fs.writeFile(body, 'written'))) }) },
  { method: 'POST', path: '/connect', handle: async ({ body }) => ({ body: await tried(() => new Promise((resolve, reject) => {
    const socket = net.connect(body, '127.0.0.1')
    socket.on('error', reject).on('connect', () => { socket.destroy(); resolve('connected') })
  })) }) },
] }`

const skip = await nodeLaunchPowers()
  .checkBwrap()
  .then(
    () => false as const,
    (error: unknown) => String(error),
  )

t.test('a plugin in bwrap reads, writes and connects as far as its grant goes', { skip }, async (t) => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-sandbox-')))
  t.teardown(() => rmSync(root, { recursive: true }))
  for (const name of ['read', 'write', 'elsewhere']) mkdirSync(join(root, name))
  writeFileSync(join(root, 'read/file'), 'here')
  writeFileSync(join(root, 'elsewhere/file'), 'secret')
  symlinkSync(join(root, 'read'), join(root, 'link'))
  symlinkSync(join(root, 'elsewhere'), join(root, 'trap'))
  let connections = 0
  const server = createServer((socket) => {
    connections++
    socket.on('error', () => undefined).destroy()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const at = (name: string): string => join(root, name)
  const fs = {
    read: [at('read/**'), at('link/**'), at('trap/**'), at('absent/**')],
    write: [at('write/**')],
  }
  const plugin = await runPlugin({
    source: SOURCE,
    launcher: 'bwrap',
    policy: {
      grant: { extensionPoints: ['rest:/**'], fs, net: { connect: [`127.0.0.1:${port}`] } },
      limits: { blockedMs: 10_000 },
    },
  })
  t.teardown(() => plugin.stop())
  const ask = async (path: string, body: string | number): Promise<unknown> =>
    (await plugin.rest({ method: 'POST', path, body })).body
  t.equal(await ask('/read', at('read/file')), 'here')
  t.equal(await ask('/read', at('link/file')), 'here', 'by a link that leads to what is granted')
  t.not(await ask('/read', at('trap/file')), 'secret', 'a link grants nothing that it leads to')
  t.not(await ask('/read', at('elsewhere/file')), 'secret')
  t.equal(await ask('/write', at('write/file')), 'undefined')
  t.equal(readFileSync(at('write/file'), 'utf8'), 'written')
  t.not(await ask('/write', at('read/other')), 'undefined')
  t.equal(await ask('/connect', port), 'connected')
  t.equal(connections, 1)
})

t.test('a grant of parts of the system is one too, and of the whole', { skip }, async (t) => {
  const plugin = await runPlugin({
    source: SOURCE,
    launcher: 'bwrap',
    policy: {
      grant: { extensionPoints: ['rest:/**'], fs: { read: ['/etc/**', '/**'] } },
      limits: { blockedMs: 10_000 },
    },
  })
  t.teardown(() => plugin.stop())
  const { body } = await plugin.rest({ method: 'POST', path: '/read', body: '/etc/hostname' })
  t.equal(body, readFileSync('/etc/hostname', 'utf8'))
})

t.test('a machine that refuses bwrap is told of before any plugin starts', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'bulkhead-refusing-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const refusing = join(directory, 'bwrap')
  writeFileSync(refusing, '#!/bin/sh\necho "bwrap: No permissions to create new namespace" >&2\nexit 1\n', {
    mode: 0o755,
  })
  const silent = join(directory, 'silent')
  writeFileSync(silent, '#!/bin/sh\nexit 0\n', { mode: 0o755 })
  const cases: readonly [string, string | undefined, RegExp, RegExp][] = [
    ['there is none', undefined, /no bwrap on the PATH/, /install bubblewrap/],
    ['it may not', refusing, /No permissions to create new namespace/, /unprivileged_userns_clone/],
    ['it does nothing', silent, /Node did not start/, /'plain'/],
  ]
  for (const [name, bwrap, message, remedy] of cases) {
    let spawned = 0
    const launch = nodeLaunchPowers(undefined, { ...systemPrograms, bwrap })
    const error: unknown = await runPlugin({
      source: SOURCE,
      launcher: 'bwrap',
      launch: {
        ...launch,
        spawnProcess(settings) {
          spawned++
          return launch.spawnProcess(settings)
        },
      },
    }).catch((thrown: unknown) => thrown)
    t.match(error, { code: 'LAUNCHER_UNUSABLE', detail: { launcher: 'bwrap', message, remedy } }, name)
    t.equal(spawned, 0)
  }
})
