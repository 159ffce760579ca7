/** The example plugins with their npm packages in place. */
const built = new URL('../../../', import.meta.url)

/** The repository. */
export const root: URL = built

const start = (await import(new URL('.ci/start.mjs', built).href)) as { readonly setupPlugins: () => void }

/** Installs what is missing, from the lock files. */
export const setupPlugins: () => void = start.setupPlugins
