/** The one power of this folder: the trusted functions that decide and act (workers/attenuate/net/net.ts). */
import type { Net } from '../../attenuate/net/net.js'

/** A parameter of the function that the script of the built-ins is wrapped in (workers/own-modules.ts). */
declare const net: Net

export const power: Net = net
