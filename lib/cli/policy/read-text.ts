/** The text of a policy to translate or check, from a file or from standard input, bounded. */
import { resolve } from 'node:path'
import process from 'node:process'
import { pluginFiles } from '../../bundle/plugin-files.js'
import { PluginError } from '../../errors.js'

/** Real ones have a few KiB. */
const MOST_BYTES = 4 * 1_048_576

/** @param given - a path, or `-` */
export async function readText(given: string): Promise<string> {
  if (given === '-') return readStandardInput()
  const read = await pluginFiles.readText(resolve(given), MOST_BYTES)
  if (read.kind === 'text') return read.text
  const message = {
    missing: 'there is no such file',
    irregular: 'it is not a regular file',
    'too-large': `it has more than ${MOST_BYTES} bytes`,
    unreadable: 'it cannot be read',
  }[read.kind]
  throw new PluginError('CONFIG_INVALID', {
    argument: 'file',
    value: given,
    message,
    remedy: 'give a security.policy or entitlement-policy.yaml file, or - for standard input',
  })
}

async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MOST_BYTES)
      throw new PluginError('CONFIG_INVALID', {
        argument: 'file',
        value: '-',
        message: `standard input has more than ${MOST_BYTES} bytes`,
        remedy: 'give a security.policy or entitlement-policy.yaml file',
      })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
