/** Paths, links and /proc: what is named is not what is opened. */
import { closeSync, openSync } from 'node:fs'
import type { Chapter } from '../escape-case.js'

/** As most plugins ask: reading what is theirs, writing their data. */
export const OWN_FILES = {
  fs: { read: ['${plugin.home}/**', '${plugin.data}/**'], write: ['${plugin.data}/**'] },
} as const

const fs = "const fs = require('fs');"

export const files: Chapter = {
  name: 'files',
  grant: () => OWN_FILES,
  cases: [
    {
      name: 'an absolute path',
      code: `${fs} return fs.readFileSync(target.secretFile, 'utf8')`,
      smoke: true,
    },
    {
      name: '.. out of home',
      code: `${fs} return fs.readFileSync(target.home + '/..'.repeat(30) + target.secretFile, 'utf8')`,
    },
    {
      name: 'a path in a Buffer',
      code: `${fs} return fs.readFileSync(Buffer.from(target.secretFile), 'utf8')`,
    },
    {
      name: 'a path in a Uint8Array',
      code: `${fs} return fs.readFileSync(new TextEncoder().encode(target.secretFile), 'utf8')`,
    },
    {
      name: 'a file URL',
      code: `${fs} return fs.readFileSync(new URL('file://' + target.secretFile), 'utf8')`,
    },
    {
      name: 'a file URL with escapes',
      code: `${fs} return fs.readFileSync(new URL('file://' + target.secretFile.replace('secret', '%73ecret')), 'utf8')`,
    },
    {
      name: 'a link in home',
      code: `${fs} return fs.readFileSync(target.home + '/link', 'utf8')`,
      smoke: true,
    },
    {
      name: 'a directory link in home',
      code: `${fs} return fs.readFileSync(target.home + '/dir/secret.txt', 'utf8')`,
    },
    {
      name: '.. behind a directory link',
      code: `${fs} return fs.readFileSync(target.home + '/dir/../outside/secret.txt', 'utf8')`,
    },
    {
      name: 'a link by promise',
      code: `return require('fs').promises.readFile(target.home + '/link', 'utf8')`,
    },
    {
      name: 'a link by file handle',
      code: `${fs} const file = await fs.promises.open(target.home + '/link'); return file.readFile('utf8')`,
    },
    {
      name: 'a link as a stream',
      code: `${fs} for await (const chunk of fs.createReadStream(target.home + '/link')) told.push(chunk)`,
    },
    {
      name: 'a copy of a link',
      code: `${fs} fs.copyFileSync(target.home + '/link', target.data + '/copy'); return fs.readFileSync(target.data + '/copy', 'utf8')`,
    },
    {
      name: 'a copy of a tree',
      code: `${fs} fs.cpSync(target.outside, target.data + '/tree', { recursive: true }); return fs.readFileSync(target.data + '/tree/secret.txt', 'utf8')`,
    },
    {
      name: 'a hard link to outside',
      code: `${fs} fs.linkSync(target.secretFile, target.data + '/hard'); return fs.readFileSync(target.data + '/hard', 'utf8')`,
    },
    {
      name: 'a hard link to a link',
      code: `${fs} fs.linkSync(target.data + '/dir/secret.txt', target.data + '/hard2'); return fs.readFileSync(target.data + '/hard2', 'utf8')`,
    },
    {
      name: 'a symbolic link of its own',
      code: `${fs} fs.symlinkSync(target.secretFile, target.data + '/own'); return fs.readFileSync(target.data + '/own', 'utf8')`,
      smoke: true,
    },
    {
      name: 'moving the secret in',
      code: `${fs} fs.renameSync(target.secretFile, target.data + '/moved'); return fs.readFileSync(target.data + '/moved', 'utf8')`,
    },
    {
      name: 'moving the secret in through a link',
      code: `${fs} fs.renameSync(target.data + '/dir/secret.txt', target.data + '/moved2'); return fs.readFileSync(target.data + '/moved2', 'utf8')`,
    },
    {
      name: 'moving a file out',
      code: `${fs} fs.writeFileSync(target.data + '/mine', 'x'); fs.renameSync(target.data + '/mine', target.outside + '/mine')`,
    },
    { name: 'listing outside', code: `${fs} return fs.readdirSync(target.outside)` },
    { name: 'listing through a link', code: `${fs} return fs.readdirSync(target.home + '/dir')` },
    {
      name: 'walking a directory handle',
      code: `${fs} const dir = fs.opendirSync(target.home + '/dir'); for (let entry; (entry = dir.readSync()) !== null; ) told.push(entry.name)`,
    },
    {
      name: 'where home really lies',
      code: `${fs} return [fs.realpathSync(target.home), fs.realpathSync.native(target.home)]`,
    },
    { name: 'where a link leads', code: `${fs} return fs.readlinkSync('/proc/self/cwd')` },
    {
      name: 'writing through a directory link',
      code: `${fs} fs.writeFileSync(target.data + '/dir/new', 'x')`,
      smoke: true,
    },
    {
      name: 'writing through a dangling link',
      code: `${fs} fs.writeFileSync(target.data + '/dangling', 'x')`,
      smoke: true,
    },
    {
      name: 'a new file through a dangling link, as a stream',
      code: `${fs} await new Promise((resolve, reject) => fs.createWriteStream(target.data + '/dangling').on('error', reject).on('close', resolve).end('x'))`,
    },
    { name: 'appending to a link', code: `${fs} fs.appendFileSync(target.data + '/link', 'x')` },
    { name: 'truncating a link', code: `${fs} fs.truncateSync(target.data + '/link', 1)` },
    {
      name: 'truncating while opening to read',
      code: `${fs} fs.openSync(target.home + '/link', fs.constants.O_RDONLY | fs.constants.O_TRUNC)`,
    },
    { name: 'the mode of what a link leads to', code: `${fs} fs.chmodSync(target.data + '/link', 0o777)` },
    { name: 'the times of what a link leads to', code: `${fs} fs.utimesSync(target.data + '/link', 1, 1)` },
    {
      name: 'the times of a file behind a directory link',
      code: `${fs} fs.lutimesSync(target.data + '/dir/secret.txt', 1, 1)`,
    },
    {
      name: 'a directory outside',
      code: `${fs} fs.mkdirSync(target.outside + '/made/deep', { recursive: true })`,
    },
    { name: 'a directory through a link', code: `${fs} fs.mkdirSync(target.data + '/dir/made')` },
    { name: 'a temporary directory outside', code: `${fs} fs.mkdtempSync(target.data + '/dir/made-')` },
    { name: 'removing through a link', code: `${fs} fs.unlinkSync(target.data + '/dir/secret.txt')` },
    {
      name: 'removing the tree outside',
      code: `${fs} fs.rmSync(target.outside, { recursive: true, force: true })`,
    },
    {
      name: 'linking a file of its own to outside',
      code: `${fs} fs.linkSync(target.home + '/words.txt', target.outside + '/words.txt')`,
    },
    {
      name: 'changing the directory first',
      code: `process.chdir(target.outside); return require('fs').readFileSync('secret.txt', 'utf8')`,
    },
    {
      name: '/proc/self/environ',
      code: `${fs} return fs.readFileSync('/proc/self/environ', 'latin1')`,
      smoke: true,
    },
    {
      name: '/proc/self by a link in home',
      code: `${fs} return fs.readFileSync(target.home + '/proc/environ', 'latin1')`,
    },
    {
      name: '/proc/thread-self',
      code: `${fs} return fs.readFileSync('/proc/thread-self/environ', 'latin1')`,
    },
    {
      name: '/proc/self/root',
      code: `${fs} return fs.readFileSync('/proc/self/root' + target.secretFile, 'utf8')`,
    },
    {
      name: "the node's /proc entry",
      code: `${fs} return fs.readFileSync('/proc/' + target.pid + '/root' + target.secretFile, 'utf8')`,
    },
    {
      name: 'a thread of its own process',
      code: `${fs} for (const id of fs.readdirSync('/proc/self/task')) told.push(fs.readFileSync('/proc/self/task/' + id + '/environ', 'latin1'))`,
    },
    {
      name: 'a NUL in the path',
      code: `${fs} return fs.readFileSync(target.home + '/words.txt\\0/../dir/secret.txt', 'utf8')`,
      tame: 'Node refuses it as well',
    },
    {
      name: 'a doubled slash and dots',
      code: `${fs} return fs.readFileSync(target.home + '//./dir//.//secret.txt', 'utf8')`,
    },
    {
      name: 'descriptors of the node by number',
      code: `${fs} for (let fd = 0; fd < 300; fd++) try { const bytes = Buffer.alloc(100); fs.readSync(fd, bytes, 0, 100, 0); told.push(bytes) } catch {}`,
      beside({ target }) {
        const descriptor = openSync(target.secretFile, 'r')
        return () => closeSync(descriptor)
      },
      tame: 'a process of its own has no descriptor of the node; with isolation thread it has',
      smoke: true,
    },
    {
      name: 'streams over descriptors of the node',
      code: `${fs} for (let fd = 3; fd < 60; fd++) await new Promise((resolve) => fs.createReadStream(null, { fd, start: 0, end: 99, autoClose: false }).on('data', (chunk) => told.push(chunk)).on('error', resolve).on('end', resolve))`,
      beside({ target }) {
        const descriptor = openSync(target.secretFile, 'r')
        return () => closeSync(descriptor)
      },
      tame: 'as above',
    },
    {
      name: 'a link that takes the place of a directory meanwhile',
      code: `${fs} fs.mkdirSync(target.data + '/here'); fs.writeFileSync(target.data + '/here/secret.txt', 'mine')
        const reading = fs.promises.readFile(target.data + '/here/secret.txt', 'utf8')
        fs.renameSync(target.data + '/here', target.data + '/there'); fs.renameSync(target.data + '/dir', target.data + '/here')
        told.push(await reading.catch(String)); return fs.readFileSync(target.data + '/here/secret.txt', 'utf8')`,
      alone: true,
    },
    {
      name: 'a link that changes its target all the time',
      code: `${fs} const to = (place) => { try { fs.unlinkSync(target.data + '/turn') } catch {} fs.symlinkSync(place, target.data + '/turn') }
        const until = Date.now() + 300
        while (Date.now() < until) { to(target.data + '/mine.txt'); const reading = fs.promises.readFile(target.data + '/turn', 'utf8'); to(target.secretFile); told.push(await reading.catch(String)) }`,
    },
  ],
}
