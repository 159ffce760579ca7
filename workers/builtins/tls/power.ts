/** The one power of this folder: the trusted functions around TLS (workers/attenuate/tls/tls.ts). */
import type { Tls } from '../../attenuate/tls/tls.js'

/** A parameter of the function that the script of the built-ins is wrapped in (workers/own-modules.ts). */
declare const tls: Tls

export const power: Tls = tls
