/** The bundle of a plugin for somebody who looks at it and keeps nothing. No line of the plugin runs. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundlePlugin, type Bundle } from '../bundle/bundle.js'
import type { Descriptor } from '../descriptor/descriptor.js'

/** @throws PluginError `BUNDLE_FAILED` */
export async function bundleOnce({ dir, main, name }: Descriptor): Promise<Bundle> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'bulkhead-bundle-'))
  try {
    return await bundlePlugin({ dir, main, name, cacheDir })
  } finally {
    await rm(cacheDir, { recursive: true, force: true })
  }
}
