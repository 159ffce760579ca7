/** The one power of this folder: the trusted functions that decide and act (workers/attenuate/fs/files.ts). */
import type { Files } from '../../attenuate/fs/files.js'

/** A parameter of the function that the script of the built-ins is wrapped in (workers/own-modules.ts). */
declare const files: Files

export const power: Files = files
