/** The one power of this folder: the trusted functions that decide and ask (workers/attenuate/dns/dns.ts). */
import type { DnsPowers } from '../../attenuate/dns/dns.js'

/** A parameter of the function that the script of the built-ins is wrapped in (workers/own-modules.ts). */
declare const dns: DnsPowers

export const power: DnsPowers = dns
