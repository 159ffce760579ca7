// A plugins directory gives every good plugin, whatever is wrong with the others,
// and every fault of the others at once.
import t from 'tap'
import { loadDescriptors, type DescriptorPowers } from '../../lib/descriptor/load.js'

type Node = string | null | { readonly [name: string]: Node }

/** A file system in memory: text is a file, an object a directory, `null` a device. */
function fakeFiles(root: Node, links: { readonly [path: string]: string } = {}): DescriptorPowers {
  const at = (path: string): Node | undefined =>
    path
      .split('/')
      .filter((part) => part !== '')
      .reduce<Node | undefined>(
        (node, part) => (typeof node === 'object' && node !== null ? node[part] : undefined),
        root,
      )
  return {
    list: async (dir) => {
      const node = at(dir)
      if (typeof node !== 'object' || node === null) return undefined
      return Object.entries(node).map(([name, value]) => ({
        name,
        kind: typeof value === 'string' ? 'file' : value === null ? 'other' : 'directory',
      }))
    },
    readText: async (path, maxBytes) => {
      const node = at(path)
      if (node === undefined) return { kind: 'missing' }
      if (typeof node !== 'string') return { kind: 'irregular' }
      return node.length > maxBytes ? { kind: 'too-large' } : { kind: 'text', text: node }
    },
    realPath: async (path) => links[path] ?? (at(path) === undefined ? undefined : path),
    join: (...parts) => parts.join('/'),
  }
}

function plugin(name: string, more: object = {}): { readonly [name: string]: Node } {
  const descriptor = {
    name,
    version: '1.0.0',
    description: 'x',
    main: 'main.js',
    searchNode: '^3.0.0',
    ...more,
  }
  return { 'plugin.json': JSON.stringify(descriptor), 'main.js': '' }
}

t.test('good plugins come through beside broken ones, and all faults come at once', async (t) => {
  const files = fakeFiles(
    {
      p: {
        good: plugin('good'),
        alsogood: plugin('also-good'),
        empty: {},
        broken: { 'plugin.json': '{' },
        device: { 'plugin.json': null },
        huge: { 'plugin.json': ' '.repeat(70_000) },
        old: plugin('old', { searchNode: '^2.0.0' }),
        nomain: plugin('no-main', { main: 'gone.js' }),
        linked: plugin('linked'),
        '.hidden': {},
        'README.md': 'text',
      },
    },
    { '/p/linked/main.js': '/etc/shadow.js' },
  )
  const { descriptors, faults } = await loadDescriptors('/p', '3.2.0', files)
  t.same(
    descriptors.map(({ name, dir }) => [name, dir]),
    [
      ['also-good', '/p/alsogood'],
      ['good', '/p/good'],
    ],
  )
  t.same(
    faults.map(({ file, pointer, code }) => [file, pointer, code]),
    [
      ['/p/broken/plugin.json', '', 'DESCRIPTOR_INVALID'],
      ['/p/device/plugin.json', '', 'DESCRIPTOR_INVALID'],
      ['/p/empty/plugin.json', '', 'DESCRIPTOR_INVALID'],
      ['/p/huge/plugin.json', '', 'DESCRIPTOR_INVALID'],
      ['/p/linked/plugin.json', '/main', 'DESCRIPTOR_INVALID'],
      ['/p/nomain/plugin.json', '/main', 'DESCRIPTOR_INVALID'],
      ['/p/old/plugin.json', '/searchNode', 'VERSION_MISMATCH'],
    ],
  )
  const text = (at: string): string =>
    faults
      .filter(({ file }) => file.includes(at))
      .map(({ message }) => message)
      .join()
  t.match(text('empty'), /no plugin\.json/)
  t.match(text('device'), /not a regular file/)
  t.match(text('huge'), /65536 bytes/)
  t.match(text('linked'), /leaves the plugin directory/)
  t.notMatch(text('linked'), /shadow/)
  t.match(text('old'), /\^2\.0\.0.*3\.2\.0/)
})

t.test('two plugins of one name are both refused, each naming the other', async (t) => {
  const files = fakeFiles({ p: { a: plugin('same'), b: plugin('same'), c: plugin('other') } })
  const { descriptors, faults } = await loadDescriptors('/p', '3.2.0', files)
  t.same(
    descriptors.map(({ name }) => name),
    ['other'],
  )
  t.same(
    faults.map(({ code, file, pointer }) => [code, file, pointer]),
    [
      ['DUPLICATE_PLUGIN', '/p/a/plugin.json', '/name'],
      ['DUPLICATE_PLUGIN', '/p/b/plugin.json', '/name'],
    ],
  )
  t.match(faults[0]?.message, /"same".*\/p\/b\/plugin\.json/)
})

t.test('a directory that is one plugin itself is that plugin', async (t) => {
  const files = fakeFiles({ p: { ...plugin('only'), lib: {} } })
  const { descriptors, faults } = await loadDescriptors('/p', '3.2.0-rc.1', files)
  t.same(
    descriptors.map(({ name, dir }) => [name, dir]),
    [['only', '/p']],
  )
  t.same(faults, [])
})

t.test('options that cannot be used are refused by name', async (t) => {
  const files = fakeFiles({ p: {} })
  await t.rejects(loadDescriptors('/nowhere', '3.2.0', files), {
    code: 'CONFIG_INVALID',
    detail: { option: 'pluginsDir' },
  })
  await t.rejects(loadDescriptors('/p', 'three', files), {
    code: 'CONFIG_INVALID',
    detail: { option: 'nodeVersion' },
  })
})
