/**
 * What a plugin's worker is started with: a few lines that run the thread's script, which
 * comes beside them with what V8 made of it before. Compiling that script anew takes
 * longer than anything it does. The cache is bytes of the node's own memory, made by the
 * node from the script itself and copied to each thread: no file holds it, so nobody can
 * put another in its place. A V8 that was started otherwise refuses it and compiles.
 */

/** The name in stacks; that of a worker started with text. */
export const THREAD_SCRIPT_NAME = '[worker eval]'

/** In a block, so that its names are none of the realm. */
export const THREAD_LOADER: string = `'use strict'
{
  const { Script } = require('node:vm')
  const { code, cache } = require('node:worker_threads').workerData
  new Script(code, { cachedData: cache, filename: ${JSON.stringify(THREAD_SCRIPT_NAME)} }).runInThisContext()
}`
