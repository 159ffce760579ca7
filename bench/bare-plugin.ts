/**
 * What a user would write to get a plugin's code into a compartment of a thread in a child
 * process, and nothing else: no flags, no walls, no limits, no supervision. Its start is
 * what a start is compared with.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'

const ses = createRequire(import.meta.url).resolve('ses')

/** Script of the worker: lockdown as a plugin's thread has it, a compartment, the plugin, and JSON lines on fd 3. */
const WORKER = `
require(${JSON.stringify(ses)})
const { createInterface } = require('node:readline')
const { Socket } = require('node:net')
const { workerData } = require('node:worker_threads')
const socket = new Socket({ fd: 3 })
lockdown({ overrideTaming: 'severe', localeTaming: 'unsafe', consoleTaming: 'unsafe', errorTrapping: 'none', reporting: 'none' })
const compartment = new Compartment({ __options__: true, globals: { module: { exports: {} } } })
compartment.evaluate(workerData)
const { rest } = compartment.globalThis.module.exports
createInterface(socket).on('line', (line) => {
  const { path } = JSON.parse(line)
  const { handle } = rest.find((route) => route.path === path)
  socket.write(JSON.stringify(handle()) + '\\n')
})`

/** @param script - the plugin as a script that sets `module.exports` @returns ms from the spawn to the first answer */
export async function bareStart(script: string, path: string): Promise<number> {
  const begun = performance.now()
  const main = `const { Worker } = require('node:worker_threads')
    new Worker(${JSON.stringify(WORKER)}, { eval: true, workerData: ${JSON.stringify(script)} })`
  const child = spawn(process.execPath, ['-e', main], { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] })
  const socket = child.stdio[3] as Socket
  await new Promise((resolve) => {
    socket.once('data', resolve)
    socket.write(`${JSON.stringify({ path })}\n`)
  })
  const took = performance.now() - begun
  child.kill('SIGKILL')
  await new Promise((resolve) => child.once('close', resolve))
  return took
}
