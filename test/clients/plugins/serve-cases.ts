/** One REST route for each case of a client, so that a test calls them by name and sees what the client said. */
import { definePlugin, type Json, type PluginDefinition } from 'bulkhead/plugin'

export type Cases<Facts> = { readonly [name: string]: (facts: Facts) => Json | Promise<Json> }

export function serveCases<Facts>(cases: Cases<Facts>): PluginDefinition {
  return definePlugin({
    rest: Object.entries(cases).map(([name, run]) => ({
      method: 'POST',
      path: `/${name}`,
      handle: async ({ body }) => ({ body: await answer(() => run(body as Facts)) }),
    })),
  })
}

/** What a case gives, or the error it ended with. */
async function answer(run: () => Json | Promise<Json>): Promise<Json> {
  try {
    return await run()
  } catch (error) {
    return { error: told(error) }
  }
}

/** The fields of an error that its callers decide by. */
export function told(error: unknown): Json {
  if (!(error instanceof Error)) return String(error)
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: readonly unknown[] }
  return {
    name: error.name,
    message: error.message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(cause === undefined ? {} : { cause: told(cause) }),
    ...(errors === undefined ? {} : { errors: errors.map(told) }),
  }
}
