/** Files: each function by value, by callback and by promise, then streams and a watcher. */
import { of, type Exercise } from './exercise.js'

const EVERY_FILE_CALL =
  'stat lstat access realpath readlink readdir opendir truncate mkdir rmdir unlink rename link chmod utimes lutimes rm mkdtemp open readFile writeFile appendFile copyFile'

export const FILES: readonly Exercise[] = [
  {
    covers: [
      ...of('fs', EVERY_FILE_CALL, 'Sync'),
      ...of('fs', 'closeSync fstatSync ftruncateSync readSync writeSync readvSync writevSync'),
    ],
    run: `
      const fs = require('fs'), at = (name) => dir + '/sync/' + name
      fs.mkdirSync(at('inner'), { recursive: true })
      const made = fs.mkdtempSync(at('made-'))
      fs.writeFileSync(at('a'), 'text')
      fs.appendFileSync(at('a'), 'more')
      fs.copyFileSync(at('a'), at('b'))
      fs.renameSync(at('b'), at('c'))
      fs.linkSync(at('a'), at('linked'))
      fs.chmodSync(at('a'), 0o600)
      fs.utimesSync(at('a'), 1, 1)
      fs.lutimesSync(at('a'), 1, 1)
      fs.truncateSync(at('c'), 2)
      fs.accessSync(at('a'))
      keep(fs.statSync(at('a')))
      keep(fs.statSync(at('a'), { bigint: true }))
      keep(fs.lstatSync(at('a')))
      keep(fs.realpathSync(at('a')))
      keep(fs.readFileSync(at('a')))
      keep(fs.readdirSync(at('.'), { withFileTypes: true }))
      const opened = keep(fs.opendirSync(at('.')))
      keep(opened.readSync())
      opened.closeSync()
      try { keep(fs.readlinkSync(at('a'))) } catch (error) { keep(error); if (error.code !== 'EINVAL') throw error }
      const fd = keep(fs.openSync(at('a'), 'r+'))
      keep(fs.fstatSync(fd))
      keep(fs.writeSync(fd, 'w'))
      keep(fs.writevSync(fd, [Buffer.from('v')]))
      const bytes = Buffer.alloc(4)
      keep(fs.readSync(fd, bytes, 0, 4, 0))
      keep(fs.readvSync(fd, [bytes], 0))
      fs.ftruncateSync(fd, 1)
      fs.closeSync(fd)
      fs.unlinkSync(at('c'))
      fs.rmdirSync(made)
      fs.rmSync(at('inner'), { recursive: true })`,
  },
  {
    covers: [...of('fs', EVERY_FILE_CALL), ...of('fs', 'close fstat ftruncate read write readv writev')],
    run: `
      const fs = require('fs'), at = (name) => dir + '/later/' + name
      const ask = (name, ...values) => called((callback) => fs[name](...values, callback))
      await ask('mkdir', at('inner'), { recursive: true })
      const made = await ask('mkdtemp', at('made-'))
      await ask('writeFile', at('a'), 'text')
      await ask('appendFile', at('a'), 'more')
      await ask('copyFile', at('a'), at('b'))
      await ask('rename', at('b'), at('c'))
      await ask('link', at('a'), at('linked'))
      await ask('chmod', at('a'), 0o600)
      await ask('utimes', at('a'), 1, 1)
      await ask('lutimes', at('a'), 1, 1)
      await ask('truncate', at('c'), 2)
      await ask('access', at('a'))
      for (const name of ['stat', 'lstat', 'realpath', 'readFile']) await ask(name, at('a'))
      await ask('readdir', at('.'), { withFileTypes: true })
      const opened = await ask('opendir', at('.'))
      keep(await opened.read())
      for await (const entry of opened) keep(entry)
      await ask('readlink', at('a')).catch((error) => { if (keep(error).code !== 'EINVAL') throw error })
      const fd = await ask('open', at('a'), 'r+')
      await ask('fstat', fd)
      await ask('write', fd, 'w')
      await ask('writev', fd, [Buffer.from('v')])
      await ask('read', fd, Buffer.alloc(4), 0, 4, 0)
      await ask('readv', fd, [Buffer.alloc(4)], 0)
      await ask('ftruncate', fd, 1)
      await ask('close', fd)
      await ask('unlink', at('c'))
      await ask('rmdir', made)
      await ask('rm', at('inner'), { recursive: true })`,
  },
  {
    covers: of('fs/promises', EVERY_FILE_CALL),
    run: `
      const fs = require('fs/promises'), at = (name) => dir + '/promised/' + name
      const ask = (name, ...values) => keep(fs[name](...values))
      await ask('mkdir', at('inner'), { recursive: true })
      const made = await ask('mkdtemp', at('made-'))
      await ask('writeFile', at('a'), 'text')
      await ask('appendFile', at('a'), 'more')
      await ask('copyFile', at('a'), at('b'))
      await ask('rename', at('b'), at('c'))
      await ask('link', at('a'), at('linked'))
      await ask('chmod', at('a'), 0o600)
      await ask('utimes', at('a'), 1, 1)
      await ask('lutimes', at('a'), 1, 1)
      await ask('truncate', at('c'), 2)
      await ask('access', at('a'))
      for (const name of ['stat', 'lstat', 'realpath', 'readFile', 'opendir']) await ask(name, name === 'opendir' ? at('.') : at('a'))
      await ask('readdir', at('.'), { withFileTypes: true })
      await ask('readlink', at('a')).catch((error) => { if (keep(error).code !== 'EINVAL') throw error })
      const file = await ask('open', at('a'), 'r+')
      keep(await file.write('w'))
      keep(await file.read(Buffer.alloc(4), 0, 4, 0))
      keep(await file.stat())
      for await (const line of file.readLines ? file.readLines() : []) keep(line)
      await file.close().catch(keep)
      await ask('unlink', at('c'))
      await ask('rmdir', made)
      await ask('rm', at('inner'), { recursive: true })`,
  },
  {
    covers: ['fs.openAsBlob'],
    run: `
      const fs = require('fs')
      fs.writeFileSync(dir + '/blob', 'bytes')
      const blob = keep(await fs.openAsBlob(dir + '/blob'))
      keep(await blob.arrayBuffer())
      keep(blob.stream())
      const file = await fs.promises.open(dir + '/blob')
      const reader = keep(keep(file.readableWebStream()).getReader())
      keep(await reader.read())
      await file.close()`,
  },
  {
    covers: ['fs.cpSync', 'fs.cp', 'fs/promises.cp'],
    run: `
      const fs = require('fs'), at = (name) => dir + '/copied/' + name
      fs.mkdirSync(at('tree/inner'), { recursive: true })
      fs.writeFileSync(at('tree/a'), 'text')
      const options = { recursive: true, filter(...values) { keep(this); keep(values); return true } }
      fs.cpSync(at('tree'), at('one'), options)
      keep(await called((callback) => fs.cp(at('tree'), at('two'), options, callback)))
      keep(await fs.promises.cp(at('tree'), at('three'), options))`,
  },
  {
    covers: [
      'fs.createReadStream',
      'fs.createWriteStream',
      'stream.pipeline',
      'stream.finished',
      'stream/promises.finished',
    ],
    run: `
      const fs = require('fs'), { pipeline, finished, Readable } = require('stream'), name = dir + '-streamed'
      const writer = keep(fs.createWriteStream(name))
      await called((callback) => pipeline(Readable.from([Buffer.from('text'), 'more']), writer, callback))
      const reader = keep(fs.createReadStream(name, { highWaterMark: 3 }))
      const ended = require('stream/promises').finished(reader)
      called((callback) => finished(reader, callback)).catch(keep)
      for await (const chunk of reader) keep(chunk)
      await ended`,
  },
  {
    covers: ['fs.watch'],
    run: `
      const fs = require('fs')
      fs.mkdirSync(dir + '/watched', { recursive: true })
      const watcher = keep(fs.watch(dir + '/watched'))
      const told = event(watcher, 'change')
      fs.writeFileSync(dir + '/watched/new', '')
      await told
      watcher.close()`,
  },
]
