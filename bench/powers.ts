/** Powers inside a plugin against the same code in plain Node, in one run: files, HTTP, and S3 with its SDK. */
import { files } from './power-files.js'
import { network } from './power-network.js'
import type { Result } from './stats.js'

export async function powers(): Promise<readonly Result[]> {
  return [...(await files()), ...(await network())]
}
