/** The plugin in a directory that somebody named: its real path, or what there is instead. */
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pluginFiles } from '../bundle/plugin-files.js'
import type { Descriptor } from '../descriptor/descriptor.js'
import { loadDescriptors } from '../descriptor/load.js'
import { faultsError, PluginError } from '../errors.js'
import { realPathOf } from '../node-powers.js'
import { shortPath } from './describe-error.js'

/**
 * @param given - as the user wrote it; links are followed
 * @throws PluginError `CONFIG_INVALID` when it is no plugin's directory; the code of the first fault of plugin.json
 */
export async function findPlugin(given: string, nodeVersion: string): Promise<Descriptor> {
  const dir = realPathOf(resolve(given))
  if (!(await hasPluginJson(dir))) throw await noPlugin(given, dir)
  const { descriptors, faults } = await loadDescriptors(dir, nodeVersion, pluginFiles)
  const [descriptor] = descriptors
  if (descriptor === undefined) throw faultsError(faults[0]?.code ?? 'DESCRIPTOR_INVALID', faults)
  return descriptor
}

export async function hasPluginJson(dir: string): Promise<boolean> {
  return stat(join(dir, 'plugin.json')).then(
    () => true,
    () => false,
  )
}

async function noPlugin(given: string, dir: string): Promise<PluginError> {
  const refuse = (message: string, remedy: string): PluginError =>
    new PluginError('CONFIG_INVALID', {
      argument: 'dir',
      directory: shortPath(resolve(given)),
      message,
      remedy,
    })
  const found = await stat(dir).catch(() => undefined)
  if (found === undefined) return refuse('the directory does not exist', "give the plugin's directory")
  if (!found.isDirectory())
    return refuse('it is not a directory', "unpack it, and give the directory with the plugin's plugin.json")
  const entries = (await pluginFiles.list(dir)) ?? []
  const below = entries.filter(({ kind }) => kind === 'directory').map(({ name }) => name)
  const isPlugin = await Promise.all(below.map((name) => hasPluginJson(join(dir, name))))
  const plugins = below.filter((_, index) => isPlugin[index] === true).toSorted()
  const [one] = plugins
  if (one === undefined)
    return refuse(
      'it holds no plugin: there is no plugin.json',
      'give the directory that plugin.json lies in',
    )
  if (plugins.length === 1)
    return refuse('the plugin lies one directory deeper', `give ${shortPath(join(dir, one))}`)
  return refuse(
    `it holds ${plugins.length} plugins (${plugins.slice(0, 5).join(', ')}${plugins.length > 5 ? ', …' : ''}), and one is installed at a time`,
    `give one of them, such as ${shortPath(join(dir, one))}`,
  )
}
