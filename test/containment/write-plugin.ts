/** Writes a plugin as its author would lay it out. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export async function writePlugin(
  pluginsDir: string,
  name: string,
  source: string,
  policy?: object,
): Promise<void> {
  const dir = join(pluginsDir, name)
  await mkdir(dir, { recursive: true })
  const descriptor = { name, version: '1.0.0', description: name, main: 'index.js', searchNode: '*' }
  await writeFile(join(dir, 'plugin.json'), JSON.stringify(descriptor))
  await writeFile(join(dir, 'index.js'), source)
  if (policy !== undefined) await writeFile(join(dir, 'policy.json'), JSON.stringify(policy))
}
