/** Keeps each text in a file of its data directory; a full disk is told to the caller as 507. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import type { PluginDefinition, RestResponse } from 'bulkhead/plugin'

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)

const attempt = async (run: () => Promise<RestResponse>): Promise<RestResponse> => {
  try {
    return await run()
  } catch (error) {
    const code = codeOf(error)
    return { status: code === 'ENOENT' ? 404 : code === 'ENOSPC' ? 507 : 500, body: { code } }
  }
}

let data = ''
const fileOf = (id: string | undefined): string => `${data}/${id ?? ''}.txt`

const plugin: PluginDefinition = {
  start(context) {
    data = context.data
  },
  rest: [
    {
      method: 'PUT',
      path: '/_plugins/_files/{id}',
      handle: ({ params, body }) =>
        attempt(async () => {
          if (typeof body !== 'string') return { status: 400, body: { code: 'no text' } }
          await writeFile(fileOf(params['id']), body)
          return { status: 201, body: null }
        }),
    },
    {
      method: 'GET',
      path: '/_plugins/_files/{id}',
      handle: ({ params }) => attempt(async () => ({ body: await readFile(fileOf(params['id']), 'utf8') })),
    },
    {
      method: 'DELETE',
      path: '/_plugins/_files/{id}',
      handle: ({ params }) =>
        attempt(async () => {
          await rm(fileOf(params['id']), { force: true })
          return { status: 204, body: null }
        }),
    },
  ],
}
export default plugin
